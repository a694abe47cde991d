from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from lowface_core.cli import enhance as enhance_command
from lowface_core.cli.enhance_media import Seconds, Size
from lowface_core.registry.media import MediaJob, MediaResult
from lowface_core.registry.registration import Component

SEEN: list[tuple[MediaJob, dict[str, Any]]] = []


def film(job: MediaJob, *, start: Fraction = Fraction(0), size: tuple[int, int] | None = None) -> MediaResult:
    SEEN.append((job, {"start": start, "size": size}))
    return MediaResult("3 frames", int(job.source.startswith("broken")), {"frames": 3})


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    SEEN.clear()
    medium = Component("medium", "film", film, "a:b", "a", opens=(".film",))
    monkeypatch.setattr(enhance_command, "medium_of", lambda source: medium if source.endswith(".film") else None)
    return CliRunner().invoke(enhance_command.enhance, words, standalone_mode=False)


def test_a_plugin_gets_the_job_and_the_options_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("a.film", "-o", "b.film", "--start", "1:30.25", "--size", "64x48", "--only-if-dark", "0.2", "--overwrite")
    done = run(monkeypatch, *words, "--report", "r.csv")
    assert (done.return_value, done.output) == (0, "3 frames\n")
    ((job, options),) = SEEN
    assert options == {"start": Fraction(361, 4), "size": (64, 48)}
    assert (job.source, job.output, job.level, job.report, job.existing) == (
        "a.film",
        "b.film",
        0.2,
        Path("r.csv"),
        "replace",
    )
    assert json.loads(run(monkeypatch, "a.film", "-o", "b.film", "--json").output) == {"frames": 3}
    assert run(monkeypatch, "broken.film", "-o", "b.film").return_value == 1
    assert run(monkeypatch, "a.film", "-o", "b.film", "--skip-existing").return_value == 0
    assert SEEN[0][0].existing == "keep"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.film", "-o", "b", "--quality", "5"), "--quality: is not for film"),
        (("a.film", "-o", "b", "--suffix", "x"), "--suffix: is not for film"),
        (("a.film", "-o", "b", "--ray", "local"), "--ray: is not for film"),
        (("a.film", "-o", "b", "--overwrite", "--skip-existing"), "one of the two"),
        (("a.film", "-o", "-", "--json"), "--json: standard output is taken"),
        (("a.png", "-o", "b", "--end", "2"), "--end: is for video and streams, not for pictures"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    done = run(monkeypatch, *words)
    assert said in str(done.exception)
    assert SEEN == []


def test_times_and_sizes_are_exact() -> None:
    assert [Seconds().convert(text, None, None) for text in ("90", ".5", "1:02.125", "01:00:00")] == [
        90,
        Fraction(1, 2),
        Fraction(497, 8),
        3600,
    ]
    assert Size().convert("640x360", None, None) == (640, 360)
    for kind, texts in (
        (Seconds(), ("", "a", "-1", "1:2:3:4", "1.5:2", "1:", "1e3", ".")),
        (Size(), ("640", "0x4", "4x", "x")),
    ):
        for text in texts:
            with pytest.raises(click.BadParameter):
                kind.convert(text, None, None)
