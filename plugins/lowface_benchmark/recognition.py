"""Identification and verification as cells of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from lowface_benchmark.plan import UNTOUCHED, DataSet, Method
from lowface_core.config.build import build_from, weights_faults
from lowface_core.errors import LowfaceError
from lowface_core.evaluation.run import without_cache
from lowface_core.registry.bounds import Count
from lowface_recognition.identify import Identification
from lowface_recognition.pair_files import open_pairs
from lowface_recognition.pairs import draw_pairs
from lowface_recognition.photos import first_of_each, open_photos
from lowface_recognition.recogniser import face_config
from lowface_recognition.recognition import Recognition, Settings
from lowface_recognition.verify import Verification


def identification(recogniser: str = "recognition", repeats: Count = 1) -> dict[str, Any]:
    """Keywords of a data set's ``identification``; each person's first picture is the gallery.

    Args:
        recogniser: config whose ``heads.face`` recognises.
        repeats: how often each probe is darkened, each time anew.
    """
    return {"recogniser": recogniser, "repeats": repeats}


def verification(
    recogniser: str = "recognition",
    pairs: str | None = None,
    impostors: Count | None = None,
    darken: Literal["second", "both"] = "second",
) -> dict[str, Any]:
    """Keywords of a data set's ``verification``, as those of ``lowface verify``.

    Args:
        recogniser: config whose ``heads.face`` recognises.
        pairs: file of pairs; None: they are drawn.
        impostors: drawn impostor pairs; None: as many as genuine ones.
        darken: which picture of a pair is dark, and enhanced.
    """
    return {"recogniser": recogniser, "pairs": pairs, "impostors": impostors, "darken": darken}


KEYWORDS: dict[str, Callable[..., dict[str, Any]]] = {"identification": identification, "verification": verification}


def recognition(data: DataSet, method: Method | None, settings: Mapping[str, Any], remember: Path) -> Recognition:
    """The measurement of a method, or of the untouched pictures, on a data set with identities.

    Args:
        remember: folder of embeddings that all methods share, such as those of the gallery.

    Raises:
        LowfaceError: what the data set, the recogniser or the enhancer raises.
    """
    spec, path = dict(data.dataset), f"datasets.{data.name}.dataset"
    darkening, root = spec.pop("degradation", None), Path(str(spec.get("root", "")))
    told = KEYWORDS[data.measured](**data.options)
    enhancer = {} if method is None else dict(method.enhancer)
    named = None if method is None else method.checkpoint or enhancer.pop("type")
    options = Settings(
        enhancer=named,
        enhancer_options=enhancer,
        degradation=darkening,
        data_options={},
        config=told["recogniser"],
        cfg_options=_roots(settings),
        title=UNTOUCHED if method is None else method.name,
        device=settings["device"],
        seed=settings["seed"],
        batch_size=settings["eval_batch_size"],
        work_dir=None,
        overwrite=False,
    )
    measured: Recognition
    if data.measured == "verification" and told["pairs"] is not None:
        chosen = open_pairs(Path(told["pairs"]).expanduser(), root)
        measured = Verification(chosen, told["darken"], options, {"data": root})
    else:
        photos = open_photos(build_from("dataset", without_cache(spec), path))
        if data.measured == "verification":
            chosen = draw_pairs(photos, told["impostors"], options.seed)
            measured = Verification(chosen, told["darken"], options, {"data": root})
        else:
            gallery, probes = first_of_each(photos)
            if not probes:
                raise LowfaceError(f"{path}: everybody has a single picture, which is the gallery; there are no probes")
            folders: dict[str, Path | None] = {"gallery": root, "probes": root}
            measured = Identification(gallery, probes, folders, options, told["repeats"])
    measured.remember = remember
    return measured


def _roots(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The folders of this machine, as options for the recogniser's config."""
    return tuple(f"{key}={settings[key]}" for key in ("weights_root", "data_root") if settings.get(key) is not None)


def recogniser_faults(data: DataSet, settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with a data set's recogniser or missing for it, a line each."""
    told, path = KEYWORDS[data.measured](**data.options), f"datasets.{data.name}.{data.measured}.recogniser"
    try:
        spec = face_config(told["recogniser"], _roots(settings))
    except LowfaceError as error:
        return [f"{path}: {line}" for line in str(error).split("\n")]
    return [f"{path}: {line}" for line in weights_faults({"heads": {"face": spec}})]
