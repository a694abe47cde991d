"""How verifications are shown in ``lowface report``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lowface_core.report.charts import Chart
from lowface_core.report.inputs import Source
from lowface_core.report.svg import Points
from lowface_core.report.tables import number
from lowface_recognition.recognition_report import Number, RecognitionReport, rates, share, stage_curve
from lowface_recognition.result_schemas import Verification


class VerificationReport(RecognitionReport):
    """Accuracy, AUC, EER, TAR at each FAR, undetected; ROC."""

    schema, command = Verification, "verify"
    id, heading = "verification", "Verification"
    headline = ("accuracy", "accuracy", "Verification accuracy")

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """Shares of pairs."""
        plain = [share("accuracy", "accuracy"), share("auc", "AUC"), share("eer", "EER", "lower")]
        return [*plain, *rates(sources, "tar", "far", "tar"), share("undetected", "undetected", "lower")]

    def counts(self, content: Mapping[str, Any]) -> str:
        """Pairs of either kind."""
        return f"{content['pairs']['genuine']} genuine and {content['pairs']['impostor']} impostor pairs."

    def curve(self, sources: Sequence[Source], names: Sequence[str]) -> Chart | None:
        """True against false accept rate; where no impostor is accepted, the curve begins at the axis' left end."""
        curves = [stage.get("roc") or {} for source in sources for stage in source.content["stages"].values()]
        lowest = min((far for curve in curves for far in curve.get("far", []) if number(far) and far > 0), default=1.0)

        def points(source: Source, stage: str) -> Points:
            curve = source.content["stages"].get(stage, {}).get("roc") or {"far": [], "tar": []}
            pairs = [p for p in zip(curve["far"], curve["tar"], strict=False) if None not in map(number, p)]
            start = max((tar for far, tar in pairs if far <= 0), default=None)
            drawn = tuple((far, tar) for far, tar in pairs if far > 0)
            return ((lowest, start), *drawn) if drawn and start is not None and lowest < drawn[0][0] else drawn

        note = "True accept rate at each false accept rate, on a logarithmic axis."
        return stage_curve("ROC", ("false accept rate", "true accept rate"), sources, names, points, note, log_x=True)
