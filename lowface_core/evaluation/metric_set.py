"""The metrics of an evaluation: one copy for each stage they measure, the columns they fill, their state."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from, portable
from lowface_core.errors import LowfaceError
from lowface_core.registry import components
from lowface_core.registry.owner import owned
from lowface_core.registry.registration import Component
from lowface_core.runs.results import STAGES
from lowface_core.step.wiring import Reads, reads

Numbers = dict[str, dict[str, Tensor]]
Table = dict[str, dict[str, float]]
Columns = dict[str, dict[str, Any]]


def metric_reads(metrics: Mapping[str, Any] | None) -> dict[str, Reads]:
    """What each metric of a config reads, by config name; networks are not loaded for it.

    Raises:
        ConfigError: a metric's config is faulty.
    """
    found = {}
    for name, spec in (metrics or {}).items():
        factory = components.component_of("metric", spec, f"metrics.{name}").resolve()
        update = getattr(factory, "update", None)
        if update is None:  # a function that makes the metric
            update = build_from("metric", spec, f"metrics.{name}", components.RESERVED["metric"]).update
        found[name] = reads(update, spec.get("reads"), f"metrics.{name}")
    return found


def stages_of(what: Reads, names: Sequence[str], wanted: Sequence[str] = STAGES) -> list[str]:
    """Stages a metric is computed for: those the data supply; a full-reference metric not for ``normal`` itself."""
    stages = [s for s in STAGES if s in wanted and (s == "enhanced" or s in names)]
    return [s for s in stages if not (s == "normal" and "normal" in what.required)]


class MetricSet:
    """Metrics by config name and stage.

    Each metric is built once; the other stages get copies that share its networks' weights.

    Args:
        metrics: config section, name → component config.
        names: what the data supply; ``low`` and ``normal`` decide which stages there are.
        device: where pictures will lie; networks of the metrics are moved there.
        heads: config section of the heads, for the columns of metrics that read some.
        stages: which stages are measured, of those that there are.

    Raises:
        ConfigError: a metric's config is faulty.
    """

    def __init__(
        self,
        metrics: Mapping[str, Any],
        names: Sequence[str],
        device: torch.device | str = "cpu",
        heads: Mapping[str, Any] | None = None,
        stages: Sequence[str] = STAGES,
    ) -> None:
        self.specs = dict(metrics)
        self.wants = metric_reads(self.specs)
        self._heads = {key: portable(spec) for key, spec in (heads or {}).items()}
        self.stages = [s for s in STAGES if s in stages and (s == "enhanced" or s in names)]
        self._components: dict[str, Component] = {}
        self._built: dict[tuple[str, str], Any] = {}
        self._owners: dict[str, str] = {}
        self._device = device
        for name, spec in self.specs.items():
            self._components[name] = components.component_of("metric", spec, f"metrics.{name}")
            first = self._new(name)
            for place, stage in enumerate(stages_of(self.wants[name], names, stages)):
                self._built[stage, name] = self._another(first, name) if place else first

    def _new(self, name: str) -> Any:
        """A metric with its networks on the device."""
        metric = build_from("metric", self.specs[name], f"metrics.{name}", components.RESERVED["metric"])
        for module in _modules(metric):
            module.to(self._device)
        return metric

    def _another(self, metric: Any, name: str) -> Any:
        """The same metric for one more stage: with the first one's weights, which may be large, if it has networks."""
        networks = [part for module in _modules(metric) for part in module.modules()]
        hooked = any(part._forward_hooks or part._forward_pre_hooks for part in networks)  # may point at the original
        if networks and not hooked:
            # not the buffers: a metric may count in them
            shared = {id(p): p for part in networks for p in part.parameters(recurse=False)}
            with contextlib.suppress(Exception):  # something that cannot be copied, such as an open file
                return copy.deepcopy(metric, dict(shared))
        return self._new(name)

    def update(self, names: Mapping[str, Any]) -> Numbers:
        """Shows a batch to every metric.

        Args:
            names: batch, enhancer outputs and heads by name; the stages' pictures are (B,3,H,W) in [0,1].

        Returns:
            stage → column → (B,), for those metrics that give each picture's own numbers.

        Raises:
            LowfaceError: a metric returns something else than one number a picture.
        """
        numbers: Numbers = {stage: {} for stage in self.stages}
        for (stage, name), metric in self._built.items():
            wanted = self.wants[name].pick({**names, "image": names[stage]})
            with owned(metric, f"metrics.{name}", wanted):
                own = metric.update(**wanted)
            for key, values in own.items() if isinstance(own, Mapping) else ():
                if not isinstance(values, Tensor) or values.shape != (len(names[stage]),):
                    raise LowfaceError(
                        f"metrics.{name}: update must return one number a picture for {key!r}, a tensor of shape "
                        f"({len(names[stage])},)"
                    )
                numbers[stage][self._column(name, key)] = values
        return numbers

    def compute(self) -> tuple[Table, Columns]:
        """The table ``{"low": {column: number}, "enhanced": …, "normal": …}`` and what each column is.

        A column is ``{"metric", "variant", "better", "unit", "source"}``; one of several numbers of a metric also says
        which (``number``), that of a metric that reads heads also which these are (``heads``).
        """
        table: Table = {stage: {} for stage in self.stages}
        columns: Columns = {}
        for (stage, name), metric in self._built.items():
            with owned(metric, f"metrics.{name}"):
                value = metric.compute()
            for key, number in value.items() if isinstance(value, Mapping) else [(name, value)]:
                column = self._column(name, key)
                table[stage][column] = float(number)
                columns.setdefault(column, self._describe(name, key if column != name else None, metric))
        return table, columns

    def _column(self, name: str, key: str) -> str:
        """Column of a metric's number: the metric's config name for its main number, else the number's own name.

        Where two metrics give numbers of one name, the later metric's gets the config name in front.
        """
        if key in (name, self._components[name].name):
            return name
        owner = self._owners.setdefault(key, name)
        return key if owner == name and key not in self.specs else f"{name}/{key}"

    def direction(self, column: str) -> str:
        """``higher`` or ``lower``: which numbers of a column are better."""
        name = column if column in self.specs else self._owners.get(column, column.split("/", 1)[0])
        metric = next(m for (_, n), m in self._built.items() if n == name)
        return self._direction(name, column.removeprefix(f"{name}/"), metric)

    def _direction(self, name: str, number: str | None, metric: Any) -> str:
        """As the metric says, of all its numbers or of those that have another direction; else by the registration."""
        own = getattr(metric, "better", None)
        if isinstance(own, str):
            return own
        return str((own.get(number) if isinstance(own, Mapping) else None) or self._components[name].better)

    def _describe(self, name: str, number: str | None, metric: Any) -> dict[str, Any]:
        """A column; the variant of a metric that does not say its own is its keywords, which may change its numbers."""
        component, unit, variant = self._components[name], getattr(metric, "unit", ""), getattr(metric, "variant", None)
        if not isinstance(variant, str):
            variant = ", ".join(f"{k}={v!r}" for k, v in sorted(self.specs[name].items()) if k != "type")
        heads = {key: self._heads[key] for key in self.wants[name].all if key in self._heads}
        return {
            "metric": component.name if component.distribution == "lowface" else component.full_name,
            **({"number": number} if number else {}),
            **({"heads": heads} if heads else {}),
            "variant": variant,
            "better": self._direction(name, number, metric),
            "unit": str(unit.get(number or component.name, "") if isinstance(unit, Mapping) else unit),
            "source": component.source,
        }

    def reset(self) -> None:
        """Forgets all pictures, to measure another set or network."""
        for (stage, name), metric in self._built.items():
            if callable(getattr(metric, "reset", None)):
                metric.reset()
            else:
                self._built[stage, name] = self._new(name)

    @property
    def stateless(self) -> list[str]:
        """Metrics that cannot go on from a saved state."""
        built = {name: metric for (_, name), metric in self._built.items()}
        return [name for name, one in built.items() if not (hasattr(one, "state") and hasattr(one, "load_state"))]

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs; only where :attr:`stateless` is empty."""
        return {
            "owners": dict(self._owners),
            "metrics": {f"{stage}/{name}": metric.state() for (stage, name), metric in self._built.items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from :meth:`state`."""
        self._owners = dict(state["owners"])
        for (stage, name), metric in self._built.items():
            metric.load_state(state["metrics"][f"{stage}/{name}"])


def _modules(value: Any, depth: int = 3) -> Iterator[nn.Module]:
    """The networks that an object holds, directly or in its lists, dicts and plain objects."""
    if isinstance(value, nn.Module):
        yield value
    elif depth:
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
        for part in (*inner, *getattr(value, "__dict__", {}).values()):
            yield from _modules(part, depth - 1)
