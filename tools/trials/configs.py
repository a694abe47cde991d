"""Mutated configs: checked, and what the check accepts is trained with."""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import Any

from trials.mutation import MODERATE, ODD, mutate, spoiled
from trials.verdict import halves, spoken
from trials.workshop import BENCH, PRETRAIN, TINY, Tried, Workshop


@cache
def originals() -> list[tuple[str, str]]:
    """Configs to mutate, as JSON, by name: those that ship and the campaign's own."""
    from lowface_core.config.load import read, shipped

    own = {"tiny": TINY, "pretrain": PRETRAIN, "bench": BENCH}
    read_ = {name: read(name) for name in shipped()}
    return [(name, json.dumps(content, default=str)) for name, content in {**own, **own, **own, **read_}.items()]


@cache
def judge() -> Any:
    """What finds faults by the JSON schema that lowface prints; None without the package jsonschema."""
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        return None
    from lowface_core.config.schema import schema

    return Draft202012Validator(schema())


def check(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """``config check`` of a mutated config; what the JSON schema refuses must not pass."""
    name, text = rng.choice(originals())
    config = json.loads(text)
    changes = [mutate(config, rng, ODD) for _ in range(rng.choice((1, 1, 2, 3)))]
    content = json.dumps(config).encode()
    if raw := rng.random() < 0.1:
        content, change = spoiled(content, rng)
        changes.append(change)
    suffix = rng.choice((".json", ".json", ".yaml"))
    tried = Tried(f"{name}{suffix}: {'; '.join(changes)}")
    with shop.place("config", inputs=False) as place:
        (place.work / f"c{suffix}").write_bytes(content)
        said = place.run(
            ("config", "check", f"c{suffix}", "--cfg-options", "data_root=d", "weights_root=w", "runs_root=r")
        )
        tried.faults += spoken(said, (0, 1))
        if said.code == 0 and not raw and (fault := _refused(config)):
            tried.faults.append(f"nonsense accepted: {fault}")
    return tried


def _refused(config: dict[str, Any]) -> str:
    """What the schema finds wrong with a config, also where texts that spell numbers are numbers."""
    if judge() is None:
        return ""
    faults = list(judge().iter_errors(_numbers(config)))
    if not faults or not list(judge().iter_errors(config)):
        return ""
    first = faults[0]
    return f"{'.'.join(map(str, first.path))}: {first.message[:150]}"


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def train(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """Two iterations by a mutated config that the check accepts."""
    plain = json.loads(json.dumps(TINY))  # parts that stand in several places are copies then
    config = {**plain, "max_iters": 2, "val_interval": 0, "sample_interval": 0}
    changes: list[str] = []
    with shop.place("trained", inputs=False) as place:
        path = place.work / "c.json"
        for _ in range(8):
            mutated = copy.deepcopy(config)
            change = mutate(mutated, rng, MODERATE)
            path.write_text(json.dumps(mutated))
            if mutated.get("max_iters") == 2 and place.run(("config", "check", "c.json")).code == 0:
                changes.append(change)
                break
        tried = Tried(f"tiny: {'; '.join(changes) or 'unchanged'}")
        said = place.run(("train", "c.json", "--work-dir", "out"))
        tried.faults += spoken(said, (0, 1)) + halves(place.work / "out")
        if said.code == 0 and not (place.work / "out" / "summary.json").is_file():
            tried.faults.append("ends well without a summary")
    return tried
