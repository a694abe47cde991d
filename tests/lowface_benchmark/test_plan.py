"""What tells two methods of a benchmark apart."""

from __future__ import annotations

from pathlib import Path

from lowface_benchmark.plan import Method
from lowface_core.weights.record import find, sha256_of


def test_a_method_is_known_by_its_files_also_those_of_a_record(tmp_path: Path) -> None:
    """Else numbers of old weights would pass for those of new ones under their name."""
    file = tmp_path / "own.pth"
    file.write_bytes(b"one")
    mine = Method("mine", {"type": "zero_dce", "weights": str(file)})
    before = mine.identity()
    file.write_bytes(b"two")
    assert mine.identity() != before
    shipped = Method.of("night", {"checkpoint": "night/base"}).identity()
    assert shipped["sha256"] == {"night/base": sha256_of(find("night/base").path)}
    assert Method("gain", {"type": "gain", "factor": 2.0}).identity()["sha256"] == {}
