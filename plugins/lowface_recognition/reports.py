"""How identifications and verifications are shown in ``lowface report``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from lowface_core.report.charts import Chart, before_after, by_stage, draw
from lowface_core.report.inputs import Source
from lowface_core.report.result_report import ResultReport
from lowface_core.report.svg import Points
from lowface_core.report.tables import Cell, Column, Table, cell, make, number, stage_rows
from lowface_recognition.result_schemas import Identification, Verification

UNDETECTED = "No face was found; each is counted as a wrong answer."
COUNTED = "An undetected face is a wrong answer and is counted as one."
INTERVALS = "Brackets: 95 % intervals, bootstrap over identities."

#: What p is, by the test.
TESTS = {
    "mcnemar": "p: McNemar's exact test, two-sided, of pictures taken as independent; intervals take people as such.",
    "bootstrap": "p: paired bootstrap, two-sided, of the resamplings behind the interval.",
}

#: A column, and how its cell is made of what a result holds for a stage.
Number = tuple[Column, Callable[[Mapping[str, Any]], Cell]]


class RecognitionReport(ResultReport):
    """Base of both reports: conditions, notes, and what enhancement changed.

    Attributes:
        id: identifier of the table; the heading is its caption.
        headline: key, label and chart title of the number that is shown before and after enhancement.
        curve: title, axes and note of the curve that belongs to the kind; whether its x axis is logarithmic.
    """

    id: ClassVar[str]
    headline: ClassVar[tuple[str, str, str]]
    curve: ClassVar[tuple[str, str, str, str, bool]]
    groups: ClassVar[Mapping[str, tuple[str, str]]] = {
        "lost": ("Lost by enhancement", "Recognised before, not after."),
        "undetected": ("Undetected", UNDETECTED),
        "gained": ("Gained by enhancement", "Recognised after, not before."),
    }
    #: Sentences: what counts, what brackets are, who judges, and what was gained and lost.
    counted: ClassVar[str] = COUNTED
    intervals: ClassVar[str] = INTERVALS
    judge: ClassVar[str] = "Recogniser"
    changed: ClassVar[str] = "Gained: right after enhancement, but not before; lost: the reverse."
    facts: ClassVar[tuple[str, ...]] = ("protocol", "recogniser", "pairs", "gallery", "probes")

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """The table's columns."""
        raise NotImplementedError

    def counts(self, content: Mapping[str, Any]) -> str:
        """How much was compared, in a sentence."""
        raise NotImplementedError

    def points(self, sources: Sequence[Source]) -> Callable[[Source, str], Points]:
        """The points of the curve of one of the sources in a stage."""
        raise NotImplementedError

    def measured(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """With which networks faces were found and compared."""
        return {"recogniser": content["recogniser"]}

    def condition(self, content: Mapping[str, Any]) -> Any:
        """Data, recogniser, pairs or probes, and the protocol but for the enhancer."""
        keys = ("data", "recogniser", "pairs", "probes")
        protocol = {key: value for key, value in content["protocol"].items() if key != "enhancer"}
        return [*(content.get(key) for key in keys), protocol]

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        """The figures with intervals, and what enhancement changed."""
        numbers, content = self.numbers(sources), sources[0].content
        rows = stage_rows(sources, "stages", lambda stage: [read(stage) for _, read in numbers])
        recogniser = f"{self.judge}, the same for every row: {describe(content['recogniser'])}."
        through = [s.name for s in sources if s.content.get("trained_through")]
        partial = [f"Trained through this very recogniser, whose gains therefore say little: {', '.join(through)}."]
        notes = [f"{self.counts(content)} {self.counted}", *degraded(content["protocol"]), recogniser, self.intervals]
        notes += partial * bool(through)
        figures = make(self.id, self.heading, [column for column, _ in numbers], rows, notes)
        changed = [s for s in sources if "gained" in s.content or "change" in s.content]
        return [figures, *([self._changes(changed)] if changed else [])]

    def _changes(self, sources: Sequence[Source]) -> Table:
        key, label, _ = self.headline
        columns = [
            Column(f"change {key}", f"change of {label}", "higher", unit="points", percent=True),
            Column("gained", "gained", "higher", unit="count"),
            Column("lost", "lost", "lower", unit="count"),
        ]
        tests = [{test["of"]: test for test in source.content.get("tests") or []} for source in sources]
        told = [test[key] for test in tests if key in test]
        columns += [Column(f"p {key}", "p")] * bool(told)
        rows = []
        for source, test in zip(sources, tests, strict=True):
            keys = (source.content.get(name) for name in ("gained", "lost"))
            change = (source.content.get("change") or {}).get(key)
            cells = [cell(change), *(cell(None if k is None else len(k)) for k in keys)]
            rows.append((source.name, cells + [cell(test.get(key, {}).get("p"))] * bool(told)))
        notes = [self.changed, self.intervals, *dict.fromkeys(TESTS[test["test"]] for test in told)]
        caption = f"{self.heading}: gained and lost by enhancement"
        return make(f"changes-{self.id}", caption, columns, [("low → enhanced", rows)], notes)

    def charts(self, sources: Sequence[Source], names: Sequence[str]) -> list[Chart]:
        """Before and after, and the curve; its y axis ends at one and begins at the tenth below the lowest."""
        key, _, headline = self.headline
        drawn = [before_after(sources, key, headline)]
        lines = [line for line in by_stage(sources, self.points(sources), names) if line.defined]
        if lines:
            title, x, y, note, log_x = self.curve
            floor = max((min(share for line in lines for _, share in line.defined) * 10 - 1e-9) // 1 / 10, 0.0)
            drawn.append(draw(title, lines, x, y, log_x=log_x, y_range=(floor, 1.0), note=note))
        return [chart for chart in drawn if chart]


class IdentificationReport(RecognitionReport):
    """Rank-1, 5, 10, undetected, open-set TPIR at each FPIR; CMC."""

    schema, command = Identification, "identify"
    id, heading = "identification", "Identification"
    headline = ("rank1", "rank-1", "Rank-1 identification")
    curve = (
        *("CMC", "rank", "recognised within rank"),
        "Rank k: the right person is among the k most similar people of the gallery.",
        False,
    )

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """Shares of probes."""
        stages = (stage for source in sources for stage in source.content["stages"].values())
        ranks = dict.fromkeys(key for stage in stages for key in stage if key.startswith("rank"))
        return [
            *(share(key, f"rank-{key.removeprefix('rank')}") for key in ranks),
            share("undetected", "undetected", "lower"),
            *rates(sources, "open_set", "fpir", "tpir"),
        ]

    def counts(self, content: Mapping[str, Any]) -> str:
        """Gallery and probes."""
        gallery = content["gallery"]
        return (
            f"Gallery: {gallery['people']} people, {len(gallery['pictures'])} pictures, "
            f"{len(gallery['undetected'])} of them without a detected face; {content['probes']} probes."
        )

    def points(self, sources: Sequence[Source]) -> Callable[[Source, str], Points]:
        """Share of probes recognised within the first k ranks."""

        def cmc(source: Source, stage: str) -> Points:
            curve = source.content["stages"].get(stage, {}).get("cmc") or []
            return tuple((float(rank), number(share)) for rank, share in enumerate(curve, 1))

        return cmc


class VerificationReport(RecognitionReport):
    """Accuracy, AUC, EER, TAR at each FAR, undetected; ROC."""

    schema, command = Verification, "verify"
    id, heading = "verification", "Verification"
    headline = ("accuracy", "accuracy", "Verification accuracy")
    curve = (
        *("ROC", "false accept rate", "true accept rate"),
        "True accept rate at each false accept rate, on a logarithmic axis.",
        True,
    )

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """Shares of pairs."""
        plain = [share("accuracy", "accuracy"), share("auc", "AUC"), share("eer", "EER", "lower")]
        return [*plain, *rates(sources, "tar", "far", "tar"), share("undetected", "undetected", "lower")]

    def counts(self, content: Mapping[str, Any]) -> str:
        """Pairs of either kind."""
        return f"{content['pairs']['genuine']} genuine and {content['pairs']['impostor']} impostor pairs."

    def points(self, sources: Sequence[Source]) -> Callable[[Source, str], Points]:
        """True against false accept rate; where no impostor is accepted, the curve begins at the axis' left end."""
        curves = [stage.get("roc") or {} for source in sources for stage in source.content["stages"].values()]
        lowest = min((far for curve in curves for far in curve.get("far", []) if number(far) and far > 0), default=1.0)

        def roc(source: Source, stage: str) -> Points:
            curve = source.content["stages"].get(stage, {}).get("roc") or {"far": [], "tar": []}
            pairs = [p for p in zip(curve["far"], curve["tar"], strict=False) if None not in map(number, p)]
            start = max((tar for far, tar in pairs if far <= 0), default=None)
            drawn = tuple((far, tar) for far, tar in pairs if far > 0)
            return ((lowest, start), *drawn) if drawn and start is not None and lowest < drawn[0][0] else drawn

        return roc


def share(key: str, label: str, better: str = "higher") -> Number:
    """A column of shares."""
    return Column(key, label, better, percent=True), lambda stage: cell(stage.get(key))


def rates(sources: Sequence[Source], field: str, at: str, value: str) -> list[Number]:
    """A column for each rate at which another rate is given, such as TAR at each FAR."""

    def entries(stage: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {f"{entry[at]:g}".replace("e-0", "e-"): entry for entry in stage.get(field) or []}

    def column(point: str) -> Number:
        def read(stage: Mapping[str, Any]) -> Cell:
            entry = entries(stage).get(point, {})
            return cell(entry.get(value), entry.get("note"))

        return Column(f"{value}@{point}", f"{value.upper()} at {at.upper()} {point}", "higher", percent=True), read

    points = dict.fromkeys(p for s in sources for stage in s.content["stages"].values() for p in entries(stage))
    return [column(point) for point in points]


def degraded(protocol: Mapping[str, Any]) -> list[str]:
    """How the low pictures were made of normal ones, the same for every row; nothing for pictures that were dark."""
    made = protocol.get("degradation")
    if not isinstance(made, dict):
        return []
    words = {k: "–".join(map(str, v)) if isinstance(v, (list, tuple)) else v for k, v in made.items() if k != "type"}
    settings = ", ".join(f"{key} {value}" for key, value in words.items())
    times = protocol.get("repeats") or 1
    often = f", {times} times each" if times > 1 else ""
    return [f"Low pictures: made by {made.get('type')}" + (f" ({settings})" if settings else "") + f"{often}."]


def describe(config: Any) -> str:
    """A component config in a few words: ``face (encoder mobilefacenet, detector retinaface)``."""
    if not isinstance(config, dict):
        return str(config or "not stated")
    own = str(config.get("type", ""))
    parts = ", ".join(f"{k} {describe(v)}" for k, v in config.items() if isinstance(v, dict) and "type" in v)
    return " ".join(t for t in (own, f"({parts})" if own and parts else parts) if t) or "not stated"
