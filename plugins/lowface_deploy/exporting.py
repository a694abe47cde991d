"""An export from beginning to end: recorded, compared with torch, and only then put under its name."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import lowface_core as lf
from lowface_core.errors import LowfaceError
from lowface_core.files import json_text, naming, write_json
from lowface_core.inference import resolve_enhancer
from lowface_core.registry.discovery import installed
from lowface_core.weights.record import known, sha256_of
from lowface_deploy import parity
from lowface_deploy.exported_file import ExportedFile
from lowface_deploy.interface import INPUT, OUTPUT
from lowface_deploy.traced import Picture, traced
from lowface_deploy.writers import FORMATS

#: Pictures that int8 is calibrated with at most; every tenth is kept for the comparison.
CALIBRATION, KEPT = 100, 10
READERS = {"onnx": "onnx", "openvino": "openvino", "torch": "torchscript"}


def export(
    checkpoint: str,
    format: str,
    output: Path | None = None,
    precision: str = "fp32",
    config: dict[str, Any] | None = None,
    calibrate: Path | None = None,
    check: str | None = None,
    licence: str | None = None,
    recogniser: str | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Writes an enhancer for another runtime, with ``<file>.json`` beside it: what it is and how far it is from torch.

    Args:
        checkpoint, config: see :func:`lowface_core.inference.load_enhancer`.
        format: ``onnx``, ``openvino`` or ``torch``.
        output: the file; None: the method's name, and the precision where it is not ``fp32``, in the current folder.
        precision: ``fp32``, ``fp16`` or ``int8``; the last needs ``calibrate``, a folder of dark pictures.
        check: a folder of pictures, or a config with a test set, on which the loss is measured.
        licence: of the weights; None: what the record of registered weights says.
        recogniser: config whose ``heads.face`` judges whether people are still themselves on ``check``.

    Returns:
        what ``<file>.json`` holds, and ``written``, the paths.

    Raises:
        LowfaceError: something is missing, the enhancer cannot be recorded, or the export misses its tolerance; nothing
            is written then.
    """
    write, ending = FORMATS[format]
    found = resolve_enhancer(checkpoint, config)
    enhancer = found.network.enhancer
    if isinstance(enhancer, ExportedFile):
        raise LowfaceError(f"{checkpoint}: is an export already; give the run or checkpoint that it was made of")
    name = found.title.replace("/", "-") + ("" if precision == "fp32" else f"-{precision}")
    output = Path(f"{name}{ending}") if output is None else output
    if output.suffix.lower() != ending:
        raise LowfaceError(f"{output}: {format} files end in {ending}")
    if output.exists() and not overwrite:
        raise LowfaceError(f"{output}: exists; add --overwrite, or give another name with -o")
    if precision == "int8" and calibrate is None:
        raise LowfaceError("--precision int8: needs dark pictures to be calibrated with; add --calibrate FOLDER")
    pictures = [] if calibrate is None else parity.read_folder(calibrate, CALIBRATION)
    kept = pictures[::KEPT] if len(pictures) >= KEPT else pictures
    used = [each for k, each in enumerate(pictures) if k % KEPT] if len(pictures) >= KEPT else pictures
    dataset = None if check is None else parity.folder_or_config(check)
    network = Picture(enhancer).eval()
    traced(network)
    radius = None if callable(getattr(enhancer, "context", None)) else getattr(enhancer, "receptive_radius", None)
    pictures_are = {"shape": ["batch", 3, "height", "width"], "type": "float32", "values": "RGB in [0,1]"}
    facts = {
        "format": format,
        "precision": precision,
        "input": {"name": INPUT, **pictures_are},
        "output": {"name": OUTPUT, **pictures_are},
        "sizes": {side: [1, None] for side in ("batch", "height", "width")},
        "receptive_radius": radius,
        "source": {"title": found.title, **found.identity},
        "licence": licence or _licence(checkpoint),
        "manifest": _manifest(checkpoint),
        "lowface": lf.__version__,
        "packages": {name: installed(name) for name in ("torch", "onnx", "onnxruntime", "openvino", "nncf")},
    }
    with naming(output), tempfile.TemporaryDirectory(dir=_folder(output), prefix=".lowface-") as scratch:
        made = Path(scratch) / output.name
        write(enhancer, made, precision, json_text(facts, indent=None, default=str), used)
        exported = Picture(resolve_enhancer(made).network.enhancer)
        found_parity = parity.compare(network, exported, kept)
        if why := parity.missed(found_parity, precision):
            raise LowfaceError(f"{output}: not written: {why}")
        files = sorted(Path(scratch).iterdir(), key=lambda path: path.suffix == ending)
        least = parity.smallest(network, exported, precision)
        report = {
            **facts,
            "sizes": {"batch": [1, None], "height": [least, None], "width": [least, None]},
            "file": output.name,
            "sha256": {path.name: sha256_of(path) for path in files},
            "bytes": sum(path.stat().st_size for path in files),
            "parity": {"tolerance": parity.TOLERANCES[precision], **found_parity},
        }
        if dataset is not None:
            report["check"] = {"on": check, **parity.loss_on(dataset, network, exported, recogniser)}
        for path in files:  # the weights first: a model is never there without them
            path.replace(output.with_name(path.name))
    beside = output.with_name(output.name + ".json")
    write_json(beside, report)
    return {**report, "written": [*(str(output.with_name(path.name)) for path in files), str(beside)]}


def _folder(output: Path) -> Path:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LowfaceError(f"{output.parent}: cannot be made ({error.strerror or error})") from error
    return output.parent


def _licence(checkpoint: str) -> str:
    record = None if Path(checkpoint).exists() else known(checkpoint)
    return (record.entry.licence if record else None) or "not stated"


def _manifest(checkpoint: str) -> dict[str, Any] | None:
    """Of the run whose folder or checkpoint it is."""
    path = Path(checkpoint).expanduser()
    file = (path if path.is_dir() else path.parent) / "manifest.json"
    try:
        manifest: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if path.exists() else None
    except (OSError, ValueError):
        return None
    return manifest
