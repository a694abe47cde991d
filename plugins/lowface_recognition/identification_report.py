"""How identifications are shown in ``lowface report``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lowface_core.report.charts import Chart
from lowface_core.report.inputs import Source
from lowface_core.report.svg import Points
from lowface_core.report.tables import number
from lowface_recognition.recognition_report import Number, RecognitionReport, rates, share, stage_curve
from lowface_recognition.result_schemas import Identification


class IdentificationReport(RecognitionReport):
    """Rank-1, 5, 10, undetected, open-set TPIR at each FPIR; CMC."""

    schema, command = Identification, "identify"
    id, heading = "identification", "Identification"
    headline = ("rank1", "rank-1", "Rank-1 identification")

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """Shares of probes."""
        ranks = dict.fromkeys(
            key for s in sources for stage in s.content["stages"].values() for key in stage if key.startswith("rank")
        )
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

    def curve(self, sources: Sequence[Source], names: Sequence[str]) -> Chart | None:
        """Share of probes recognised within the first k ranks."""

        def points(source: Source, stage: str) -> Points:
            curve = source.content["stages"].get(stage, {}).get("cmc") or []
            return tuple((float(rank), number(share)) for rank, share in enumerate(curve, 1))

        note = "Rank k: the right person is among the k most similar people of the gallery."
        return stage_curve("CMC", ("rank", "recognised within rank"), sources, names, points, note)
