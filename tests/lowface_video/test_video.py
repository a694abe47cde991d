"""``lowface enhance`` on films: what goes in comes out, but for the light."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from torch import Tensor, nn

from lowface_core.errors import NonFiniteError
from lowface_core.registry.media import MediaJob
from lowface_video.video import enhance_video
from tests.lowface_video.conftest import (
    CLOCKWISE,
    MIRRORED,
    OVER,
    Lowface,
    chapters,
    dark,
    packets,
    pixels,
    times,
    uneven,
    write,
)


def test_times_sound_texts_chapters_and_colours_stay(lowface: Lowface, gain: list[str], tmp_path: Path) -> None:
    colours = {"color_range": 2, "color_primaries": 9, "color_trc": 14, "colorspace": 9}
    told = {"title": "night", "com.maker.place": "bridge"}
    film = write(tmp_path / "in.mp4", dark(40), uneven(40), colours=colours, chapters=True, metadata=told)
    done = lowface("enhance", "in.mp4", "-o", "out.mp4", *gain, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["frames"] == 40
    out = tmp_path / "out.mp4"
    assert times(out) == times(film) == [Fraction(each, 90_000) for each in uneven(40)]
    assert packets(out, "audio") == packets(film, "audio") != []
    with av.open(film) as before, av.open(out) as after:
        assert after.duration == before.duration
        assert after.streams.video[0].duration == before.streams.video[0].duration == uneven(40)[-1] + 3600
        assert chapters(after) == chapters(before) != []
        assert told.items() <= after.metadata.items()
        context = after.streams.video[0].codec_context
        assert {name: getattr(context, name) for name in colours} == colours
        assert [stream.type for stream in after.streams] == [stream.type for stream in before.streams]
    ratio = np.mean(pixels(out)) / np.mean(pixels(film))
    assert 1.9 < ratio < 2.1


def test_subtitles_of_mkv_stay_and_what_mp4_cannot_hold_is_told(
    lowface: Lowface, gain: list[str], tmp_path: Path
) -> None:
    film = write(tmp_path / "in.mkv", dark(15), subtitles=True)
    assert lowface("enhance", "in.mkv", "-o", "out.mkv", *gain).code == 0
    assert packets(tmp_path / "out.mkv", "subtitle") == packets(film, "subtitle") != []
    assert packets(tmp_path / "out.mkv", "audio") == packets(film, "audio")
    assert times(tmp_path / "out.mkv") == times(film)
    done = lowface("enhance", "in.mkv", "-o", "out.mp4", *gain)
    assert done.code == 0
    assert "subtitle stream 2 (srt) cannot be held by mp4 and is left out" in done.err
    done = lowface("enhance", "in.mkv", "-o", "out.webm", *gain)
    assert done.code == 1
    assert "audio stream 1 (aac) cannot be held by webm; write an .mkv file" in done.err
    assert not (tmp_path / "out.webm").exists()


def test_frames_are_turned_upright(lowface: Lowface, same: list[str], tmp_path: Path) -> None:
    for name, matrix in (("right", CLOCKWISE), ("over", OVER), ("mirrored", MIRRORED)):
        film = write(tmp_path / f"{name}.mp4", dark(3), sound=None, matrix=matrix)
        assert lowface("enhance", f"{name}.mp4", "-o", f"{name}_out.mp4", *same).code == 0
        turned = {
            "right": lambda frame: np.rot90(frame, -1),
            "over": lambda frame: frame[::-1, ::-1],
            "mirrored": lambda frame: frame[:, ::-1],
        }[name]
        results = pixels(tmp_path / f"{name}_out.mp4")
        for result, frame in zip(results, pixels(film), strict=True):
            assert result.shape == turned(frame).shape
            assert np.abs(result.astype(float) - turned(frame)).mean() < 2.5, name
        with av.open(tmp_path / f"{name}_out.mp4") as out:
            assert next(out.decode(video=0)).rotation == 0


def test_ten_bits_stay_ten_bits(lowface: Lowface, same: list[str], tmp_path: Path) -> None:
    ramp = (np.linspace(0, 1, 256)[None, :, None] * np.linspace(0.02, 0.2, 96)[:, None, None] * 65535).astype(np.uint16)
    frames = [np.repeat(ramp, 3, 2)] * 6
    film = write(tmp_path / "in.mp4", frames, None, (256, 96), "libx265", "yuv420p10le", {"crf": "6"}, sound=None)
    for name, codec, format in (("out.mp4", "hevc", "yuv420p10le"), ("out.webm", "av1", "yuv420p10le")):
        assert lowface("enhance", "in.mp4", "-o", name, *same, "--quality", "95").code == 0
        with av.open(tmp_path / name) as out:
            context = out.streams.video[0].codec_context
            assert (context.name.removeprefix("lib").replace("dav1d", "av1"), context.pix_fmt) == (codec, format)
        one, other = (pixels(path, "gray16le")[3].astype(float) for path in (film, tmp_path / name))
        assert np.abs(one - other).mean() / 64 < 1  # levels of ten bits
        assert len(np.unique(other[50])) > 70  # of 8 bits there would be 26


def test_bright_frames_pass_and_the_report_tells(lowface: Lowface, gain: list[str], tmp_path: Path) -> None:
    frames = [*dark(4), *(frame + 120 for frame in dark(4))]
    film = write(tmp_path / "in.mkv", frames, options={"crf": "0"}, sound=None)
    words = [
        "enhance",
        "in.mkv",
        "-o",
        "out.mkv",
        *gain,
        "--only-if-dark",
        "0.3",
        "--report",
        "out.csv",
        "--quality",
        "100",
    ]
    done = lowface(*words)
    assert done.code == 0, done.err
    assert "8 frames written to out.mkv, 4 of them bright enough and left as they were" in done.out
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "frame,seconds,action,brightness_before,brightness_after,cut"
    rows = [line.split(",") for line in lines[1:]]
    assert [row[2] for row in rows] == ["enhanced"] * 4 + ["passed"] * 4
    assert [row[5] for row in rows] == ["0"] * 4 + ["1"] + ["0"] * 3
    assert float(rows[5][1]) == 0.2
    assert rows[5][3] == rows[5][4]
    before, after = (pixels(path, "yuv420p") for path in (film, tmp_path / "out.mkv"))
    assert np.abs(after[6].astype(float) - before[6]).mean() < 0.7  # the encoder's own
    done = lowface(*words)
    assert (done.code, "out.mkv: exists" in done.err) == (1, True)
    assert lowface(*words, "--skip-existing").code == 0


def test_a_part_is_cut_out_with_its_sound(lowface: Lowface, gain: list[str], tmp_path: Path) -> None:
    film = write(tmp_path / "in.mp4", dark(75), chapters=True)
    done = lowface("enhance", "in.mp4", "-o", "out.mp4", *gain, "--start", "0:00:00.6", "--end", "2")
    assert done.code == 0, done.err
    assert times(tmp_path / "out.mp4") == [Fraction(number, 25) for number in range(35)]
    whole, part = packets(film, "audio"), packets(tmp_path / "out.mp4", "audio")
    kept = [each for each in whole if Fraction(6, 10) <= each[0] < 2]
    assert [each[2] for each in part] == [each[2] for each in kept]
    assert part[0][0] - (kept[0][0] - Fraction(6, 10)) == 0
    with av.open(tmp_path / "out.mp4") as out:
        assert chapters(out) == [("night", 0, Fraction(4, 10))]


def test_broken_frames_are_replaced_by_the_one_before(lowface: Lowface, same: list[str], tmp_path: Path) -> None:
    film = write(tmp_path / "in.mov", dark(12), codec="png", pixel_format="rgb24", sound=None)
    content = bytearray(film.read_bytes())
    for number in (0, 5):
        start = content.index(packets(film, "video")[number][2])
        content[start : start + 200] = bytes(200)
    (tmp_path / "broken.mov").write_bytes(bytes(content))
    done = lowface("enhance", "broken.mov", "-o", "out.mkv", *same, "--report", "out.csv")
    assert done.code == 1, done.err
    assert "12 frames written to out.mkv, 2 broken and replaced by the frame before" in done.out
    actions = [line.split(",")[2] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    assert [number for number, action in enumerate(actions) if action == "concealed"] == [0, 5]
    assert times(tmp_path / "out.mkv") == times(film)
    shown = pixels(tmp_path / "out.mkv")
    assert np.abs(shown[5].astype(float) - shown[4]).mean() < 0.5


def test_a_film_that_breaks_off_ends_there(lowface: Lowface, same: list[str], tmp_path: Path) -> None:
    film = write(tmp_path / "in.mp4", dark(120), options={"crf": "12", "g": "10", "bf": "0"}, sound=None, first=True)
    content = film.read_bytes()
    (tmp_path / "half.mp4").write_bytes(content[: len(content) * 2 // 5])
    done = lowface("enhance", "half.mp4", "-o", "out.mp4", *same)
    assert done.code == 1
    assert "the source breaks off" in done.out
    assert 30 < len(pixels(tmp_path / "out.mp4")) < 80


def test_what_goes_wrong_leaves_nothing(lowface: Lowface, gain: list[str], tmp_path: Path) -> None:
    write(tmp_path / "in.mp4", dark(5), sound=None)
    (tmp_path / "no.mp4").write_bytes(b"no film at all" * 100)
    before = sorted(tmp_path.iterdir())
    for words, said in (
        (["no.mp4", "-o", "x.mp4"], "no.mp4: cannot be opened as video"),
        (["none.mp4", "-o", "x.mp4"], "none.mp4: cannot be opened as video"),
        (["in.mp4", "-o", "x.avi"], "x.avi: video is not written with the ending '.avi'; use one of"),
        (["in.mp4", "-o", "in.mp4", "--overwrite"], "would overwrite its input"),
        (["in.mp4", "-o", "x.mp4", "--shard", "1/2"], "--shard: is not for video"),
        (["in.mp4", "-o", "x.mp4", "--size", "4x4"], "--size: is for raw frames on standard input"),
        (["in.mp4", "-o", "x.mp4", "--rate", "4"], "--rate: is for raw frames"),
        (["in.mp4", "-o", "x.mp4", "--start", "3", "--end", "2"], "--end 2: is not after --start 3"),
        (["in.mp4", "-o", "x.mp4", "--start", "30"], "has no frame in the part that is asked for"),
        (["in.mp4", "-o", "-", "--json"], "--json: standard output is taken"),
        (["in.mp4", "-o", "-", "--quality", "5"], "--quality: raw frames are not compressed"),
        ([".", "-o", "x", "--start", "1"], "--start: is for video and streams, not for pictures"),
    ):
        done = lowface("enhance", *words, *gain)
        assert done.code == 1, words
        assert said in done.err, done.err
        assert done.err.count("\n") == 1, done.err
    assert sorted(tmp_path.iterdir()) == before


def test_numbers_that_are_none_name_the_frame_and_nothing_is_written(tmp_path: Path) -> None:
    class Fails(nn.Module):
        def forward(self, low: Tensor) -> Tensor:
            return low / 0 * 0 if low.mean() > 0.3 else low

    write(tmp_path / "in.mkv", [*dark(4), *(frame + 120 for frame in dark(2))], sound=None)
    before = sorted(tmp_path.iterdir())
    job = MediaJob(str(tmp_path / "in.mkv"), str(tmp_path / "out.mkv"), Fails, report=tmp_path / "out.csv")
    with pytest.raises(NonFiniteError, match=r"in\.mkv: frame 4 at 0\.160 s: the enhancer answers with"):
        enhance_video(job)
    assert sorted(tmp_path.iterdir()) == before
