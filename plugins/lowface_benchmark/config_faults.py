"""Checking the methods and data sets of a benchmark's config: every fault, a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lowface_benchmark.plan import KINDS, OWN, UNTOUCHED, DataSet, Method
from lowface_benchmark.recognition import KEYWORDS, recogniser_faults
from lowface_core.config.build import weights_faults
from lowface_core.config.check import check_component
from lowface_core.config.keywords import keywords
from lowface_core.errors import listing, nearest
from lowface_core.registry.components import RESERVED
from lowface_core.weights.record import known

#: Names become names of folders.
NAME = re.compile(r"\w[\w.+-]*")


def faults(cfg: Mapping[str, Any]) -> list[str]:
    """Faults of ``methods``, ``datasets`` and ``reference``, nearest matches named."""
    found = [*_entries(cfg["methods"], "methods", _method), *_entries(cfg["datasets"], "datasets", _dataset)]
    reference, methods = cfg.get("reference"), cfg["methods"]
    if reference is not None and isinstance(methods, Mapping):
        names = [UNTOUCHED, *methods]
        if reference not in names:
            found.append(
                f"reference: {reference!r} is no method here{nearest(str(reference), names)}; {listing(names)}"
            )
    return found


def _entries(section: Any, path: str, check: Any) -> Iterator[str]:
    if not isinstance(section, Mapping):
        yield f"{path}: must be a dict of named entries, not {section!r}"
        return
    for name, spec in section.items():
        if not NAME.fullmatch(str(name)):
            yield f"{path}.{name}: is no name; use letters, digits and . _ + - (results lie in a folder of that name)"
        if not isinstance(spec, Mapping):
            yield f"{path}.{name}: must be a dict, not {spec!r}"
            continue
        yield from check(spec, f"{path}.{name}")


def _method(spec: Mapping[str, Any], path: str) -> Iterator[str]:
    if "checkpoint" in spec and not isinstance(spec["checkpoint"], str):
        yield f"{path}.checkpoint: must be text, a work dir or a file, not {spec['checkpoint']!r}"
    if not isinstance(spec.get("optional", False), bool):
        yield f"{path}.optional: must be True or False, not {spec['optional']!r}"
    enhancer = {key: value for key, value in spec.items() if key not in OWN}
    if "type" in enhancer:
        yield from check_component("enhancer", enhancer, path)
    elif "checkpoint" not in spec:
        yield f"{path}: needs type=, the name of an enhancer, or checkpoint=, a trained one"


def _dataset(spec: Mapping[str, Any], path: str) -> Iterator[str]:
    keys = ("dataset", "heads", *KINDS)
    yield from (f"{path}.{key}: unknown key{nearest(key, keys)}; {listing(keys)}" for key in spec if key not in keys)
    if "dataset" not in spec:
        yield f"{path}.dataset: missing; the config of a data set, such as dict(type=…)"
    else:
        yield from check_component("dataset", spec["dataset"], f"{path}.dataset")
    measured = [key for key in KINDS if key in spec]
    if len(measured) != 1:
        yield f"{path}: says {' and '.join(measured) or 'nothing'} to measure; say one of {listing(KINDS)}"
        return
    options, place = spec[measured[0]], f"{path}.{measured[0]}"
    if not isinstance(options, Mapping) or (measured[0] == "metrics" and not options):
        yield f"{place}: must be a dict{' of metrics' if measured[0] == 'metrics' else ''}, not {options!r}"
        return
    if measured[0] == "metrics":
        for section, kind, inner in (("metrics", "metric", options), ("heads", "head", spec.get("heads") or {})):
            for name, part in inner.items():
                yield from check_component(kind, part, f"{path}.{section}.{name}", RESERVED.get(kind, ()))
        return
    takes = keywords(KEYWORDS[measured[0]])
    for key, value in options.items():
        fault = takes[key].fault(f"{place}.{key}", value) if key in takes else None
        yield from filter(None, [fault])
        if key not in takes:
            yield f"{place}.{key}: unknown keyword{nearest(key, takes)}; {listing(takes)}"


def missing_files(method: Method) -> list[str]:
    """What a method needs and this machine lacks, a line each."""
    path = f"methods.{method.name}"
    found = [line.replace("enhancer.", f"{path}.", 1) for line in weights_faults({"enhancer": method.enhancer})]
    for key, value in (("checkpoint", method.checkpoint), ("relight", method.enhancer.get("relight"))):
        if isinstance(value, str) and not Path(value).expanduser().exists() and known(value) is None:
            found.append(f"{path}.{key}: {value}: no such file, work dir or registered weights")
    return found


def missing_judges(data: DataSet, settings: Mapping[str, Any]) -> list[str]:
    """What a data set's metrics, heads or recogniser need and this machine lacks, a line each."""
    path = f"datasets.{data.name}"
    if data.measured != "metrics":
        return recogniser_faults(data, settings)
    return [f"{path}.{line}" for line in weights_faults({"metrics": data.options, "heads": data.heads})]
