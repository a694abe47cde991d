from __future__ import annotations

import pytest

from lowface_core.errors import LowfaceError
from lowface_video import encoders
from lowface_video.encoders import choose, container_of, raw_choice
from lowface_video.pixels import Coding


@pytest.mark.parametrize(
    ("ending", "coding", "size", "encoder", "format"),
    [
        (".mp4", Coding("yuv420p", 1, False), (64, 48), "libx264", "yuv420p"),
        (".mov", Coding("yuv422p10le", 1, False), (64, 48), "libx265", "yuv422p10le"),
        (".mkv", Coding("yuv420p", 6, True), (63, 48), "libx264", "yuv444p"),
        (".mp4", Coding("gbrp", 0, True), (64, 48), "libx264", "yuv420p"),
        (".mkv", Coding("gray", 0, False), (64, 48), "libx264", "gray"),
        (".mp4", Coding("yuv420p12le", 9, False), (64, 48), "libx265", "yuv420p12le"),
        (".webm", Coding("yuv444p", 1, False), (64, 48), "libvpx-vp9", "yuv444p"),
        (".webm", Coding("yuv420p10le", 9, False), (64, 48), "libsvtav1", "yuv420p10le"),
    ],
)
def test_depth_and_chroma_decide(ending: str, coding: Coding, size: tuple[int, int], encoder: str, format: str) -> None:
    choice = choose(ending, coding, *size)
    assert (choice.encoder, choice.pixel_format, choice.note) == (encoder, format, "")
    if coding.format == "gbrp":
        assert choice.coding == Coding("yuv420p", 1, False)
    else:
        assert choice.coding == coding._replace(format=format)


def test_what_no_encoder_holds_becomes_the_nearest_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = choose(".webm", Coding("yuv420p12le", 9, False), 64, 48)
    assert choice.pixel_format == "yuv420p10le"
    assert choice.note == "libsvtav1 holds 10 bits a channel, so that the source's 12 become that"
    monkeypatch.setattr(encoders, "_formats", lambda name: ["yuv420p", "yuvj420p", "nv12"] if name == "libx264" else [])
    choice = choose(".mp4", Coding("yuv422p10le", 1, False), 64, 48)
    assert (choice.encoder, choice.pixel_format) == ("libx264", "yuv420p")
    assert "holds 8 bits" in choice.note
    monkeypatch.setattr(encoders, "_formats", lambda name: [])
    with pytest.raises(LowfaceError, match="none of the encoders libx264"):
        choose(".mp4", Coding("yuv420p", 1, False), 64, 48)


def test_quality_is_a_rate_factor() -> None:
    choice = choose(".mp4", Coding("yuv420p", 1, False), 64, 48)
    factors = [float(choice.options(quality)["crf"]) for quality in (100, None, 1)]
    assert factors == [4, 18.2, 51]
    assert raw_choice(Coding("yuv420p", 1, False), "bgr24").options(None) == {}
    assert raw_choice(Coding("yuv420p", 1, False), "bgr24").coding.format == "gbrp"
    with pytest.raises(LowfaceError, match=r"'\.gif'; use one of"):
        container_of(".gif", "x.gif")
