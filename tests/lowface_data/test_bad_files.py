"""Forty files as they should not be: each is read right or refused in one line, by every data set and by `enhance`."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

READ, REFUSED, EITHER = "read", "refused", "either"
LIMIT = 2 * 2**30


def noise(width: int = 40, height: int = 30) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def saved(path: Path, picture: Image.Image | None = None, kind: str | None = None, **options: object) -> Path:
    (picture or noise()).save(path, kind, **options)
    return path


def cut(path: Path, kind: str, share: float) -> None:
    content = saved(path, None, kind).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def png_claiming(path: Path, width: int, height: int) -> None:
    """A PNG whose header claims a size and whose data are a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def exif(path: Path, orientation: int) -> None:
    tags = Image.Exif()
    tags[0x0112] = orientation
    saved(path, None, "JPEG", exif=tags)


def frames(path: Path, kind: str) -> None:
    saved(path, None, kind, save_all=True, append_images=[noise(), noise()])


def flipped(path: Path, kind: str, place: float) -> None:
    content = bytearray(saved(path, None, kind).read_bytes())
    at = int(len(content) * place)
    content[at : at + 8] = bytes(255 - b for b in content[at : at + 8])
    path.write_bytes(content)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def no_reading(path: Path) -> None:
    saved(path)
    path.chmod(0)


# name -> (how it is made, what must happen)
FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated.jpg": (lambda p: cut(p, "JPEG", 0.5), REFUSED),
    "header_only.jpg": (lambda p: cut(p, "JPEG", 0.05), REFUSED),
    "truncated.png": (lambda p: cut(p, "PNG", 0.5), REFUSED),
    "truncated.bmp": (lambda p: cut(p, "BMP", 0.5), REFUSED),
    "truncated.webp": (lambda p: cut(p, "WEBP", 0.5), REFUSED),
    "truncated.tif": (lambda p: cut(p, "TIFF", 0.5), REFUSED),
    "truncated.ppm": (lambda p: cut(p, "PPM", 0.5), REFUSED),
    "empty.png": (lambda p: p.write_bytes(b""), REFUSED),
    "empty.jpg": (lambda p: p.write_bytes(b""), REFUSED),
    "zeros.png": (lambda p: p.write_bytes(b"\0" * 5000), REFUSED),
    "text.jpg": (lambda p: p.write_text("this is no picture\n" * 50), REFUSED),
    "html.png": (lambda p: p.write_text("<html><body>404</body></html>"), REFUSED),
    "json.png": (lambda p: p.write_text("{}"), REFUSED),
    "random.jpg": (lambda p: p.write_bytes(np.random.default_rng(1).bytes(4000)), REFUSED),
    "signature.png": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n"), REFUSED),
    "signature.jpg": (lambda p: p.write_bytes(b"\xff\xd8\xff\xe0"), REFUSED),
    "png_inside.jpg": (lambda p: saved(p, None, "PNG"), READ),
    "jpeg_inside.png": (lambda p: saved(p, None, "JPEG"), READ),
    "animated_gif.png": (lambda p: frames(p, "GIF"), REFUSED),
    "animated.webp": (lambda p: frames(p, "WEBP"), READ),
    "animated.png": (lambda p: frames(p, "PNG"), READ),
    "pages.tif": (lambda p: frames(p, "TIFF"), READ),
    "one_pixel.png": (lambda p: saved(p, noise(1, 1)), READ),
    "wide.png": (lambda p: saved(p, noise(20000, 1)), READ),
    "tall.jpg": (lambda p: saved(p, noise(1, 20000)), READ),
    "sixteen_bit.png": (lambda p: saved(p, Image.fromarray(np.full((30, 40), 40000, np.uint16))), READ),
    "sixteen_bit.tif": (lambda p: saved(p, Image.fromarray(np.full((30, 40), 40000, np.uint16))), READ),
    "nan.tif": (lambda p: saved(p, Image.fromarray(np.full((30, 40), np.nan, np.float32))), REFUSED),
    "cmyk.jpg": (lambda p: saved(p, noise().convert("CMYK"), "JPEG"), READ),
    "rotated.jpg": (lambda p: exif(p, 6), READ),
    "bad_exif.jpg": (lambda p: saved(p, None, "JPEG", exif=b"Exif\0\0garbage" * 9), EITHER),
    "palette.png": (lambda p: saved(p, noise().quantize(16)), READ),
    "transparent.png": (lambda p: saved(p, noise().convert("RGBA")), READ),
    "grey_alpha.png": (lambda p: saved(p, noise().convert("LA")), READ),
    "bilevel.png": (lambda p: saved(p, noise().convert("1")), READ),
    "bomb_header.png": (lambda p: png_claiming(p, 60000, 60000), REFUSED),
    "small_bomb_header.png": (lambda p: png_claiming(p, 9000, 9000), REFUSED),
    "real_bomb.png": (lambda p: saved(p, Image.new("L", (13000, 13000)), optimize=False), REFUSED),
    "flipped_bits.png": (lambda p: flipped(p, "PNG", 0.6), REFUSED),
    "flipped_bits.jpg": (lambda p: flipped(p, "JPEG", 0.6), EITHER),
    "loop.png": (loop, REFUSED),
    "dangling.png": (lambda p: p.symlink_to("nothing_there.png"), REFUSED),
    "no_reading.png": (no_reading, EITHER if os.geteuid() == 0 else REFUSED),
    "fifo.png": (os.mkfifo, REFUSED),
}

#: Of several frames or pages: a data set takes the first, enhance would lose the others and refuses. WebP makes one
#: frame of equal ones.
SEVERAL = ("animated.png", "pages.tif")

DATASETS = """
import json, sys
from pathlib import Path
from lowface_core.config.build import build_from
from lowface_core.registry import components
from lowface_core.errors import LowfaceError
from lowface_core.runs.memory import peak_memory_mib

found = {}
for line in sys.stdin:
    task = json.loads(line)
    try:
        item = build_from("dataset", task["spec"], "d")[0]
        for name in ("low", "normal", "positive", "labels"):
            if name in item:
                assert 0 <= item[name].min() and (name == "labels" or item[name].max() <= 1), name
        found[task["name"]] = ["read", ""]
    except LowfaceError as error:
        found[task["name"]] = ["refused", str(error)]
peak = peak_memory_mib() * 2**20
print(json.dumps({"found": found, "peak": peak}))
"""


def environment() -> dict[str, str]:
    import lowface_core
    import lowface_data

    roots = [str(Path(module.__file__).parents[1]) for module in (lowface_core, lowface_data)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    for name, (make, _) in FILES.items():
        make(root / name)
    (root / "folder.png").mkdir()
    (root / "deep").mkdir()
    for link in ("around", "and_around"):
        (root / "deep" / link).symlink_to("..")
    return root


def linked(source: Path, target: Path) -> str:
    """The file under a name that a layout wants; as a link, which every reader follows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source)
    return str(target.parent)


def layouts(bad: Path, home: Path) -> dict[str, dict[str, object]]:
    """One small data set of each kind with the file as its only picture, or as the only map."""
    suffix = bad.suffix
    good = home / "good" / "k_0.png"
    good.parent.mkdir(parents=True)
    noise().save(good)
    linked(bad, home / "lapa_face" / "normal" / f"k_0{suffix}")
    linked(bad, home / "lfw" / "k" / f"k_0001{suffix}")
    linked(bad, home / "casia" / "007" / f"007_0{suffix}")
    linked(bad, home / "lapa" / "train" / "images" / f"k_0{suffix}")
    linked(bad, home / "celeba" / "CelebA-HQ-img" / f"0{suffix}")
    linked(good, home / "masks" / "CelebA-HQ-img" / "0.png")
    linked(bad, home / "masks" / "CelebAMask-HQ-mask-anno" / f"00000_nose{suffix}")
    linked(good, home / "maps" / "normal" / "k_0.png")
    linked(bad, home / "maps" / "seg" / f"k_0{suffix}")
    bad_folder, good_folder = linked(bad, home / "bad" / f"k_0{suffix}"), str(good.parent)
    return {
        "lapa_face": {"type": "lapa_face", "root": str(home / "lapa_face")},
        "lfw": {"type": "lfw", "root": str(home / "lfw")},
        "casia_facev5": {"type": "casia_facev5", "root": str(home / "casia")},
        "lapa": {"type": "lapa", "root": str(home / "lapa")},
        "celeba_mask_hq": {"type": "celeba_mask_hq", "root": str(home / "celeba")},
        "celeba_mask_hq masks": {"type": "celeba_mask_hq", "root": str(home / "masks")},
        "lapa_face map": {"type": "lapa_face", "root": str(home / "maps")},
        "image_folder": {"type": "image_folder", "root": bad_folder, "size": 32},
        "paired_folder": {"type": "paired_folder", "low": bad_folder, "normal": bad_folder},
        "unpaired_folder": {"type": "unpaired_folder", "low": good_folder, "normal": bad_folder, "size": 16},
        "contrast": {"type": "contrast", "high": bad_folder, "low": good_folder},
    }


def test_every_data_set_reads_or_refuses_in_one_line(corpus: Path, tmp_path: Path) -> None:
    tasks = []
    for name in FILES:
        home = tmp_path / name.replace(".", "_")
        for layout, spec in layouts(corpus / name, home).items():
            tasks.append({"name": f"{layout}|{name}", "spec": spec})
    ran = subprocess.run(
        [sys.executable, "-c", DATASETS],
        input="\n".join(map(json.dumps, tasks)),
        capture_output=True,
        text=True,
        env=environment(),
        timeout=1200,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stderr == ""
    result = json.loads(ran.stdout)
    assert result["peak"] < LIMIT
    assert len(result["found"]) == len(tasks)
    for place, (outcome, message) in result["found"].items():
        layout, name = place.split("|")
        wanted = FILES[name][1]
        # a coloured picture is no map, and a mask must have its picture's proportions
        if wanted != EITHER and not (wanted == READ and layout.endswith((" map", " masks"))):
            assert outcome == wanted, (place, message)
        assert "\n" not in message
        if outcome == REFUSED:
            assert str(tmp_path / name.replace(".", "_")) in message, (place, message)


def test_enhance_reads_or_refuses_in_one_line(corpus: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    import lowface_core as lf

    save_file(lf.build("enhancer", "retinex").state_dict(), tmp_path / "net.safetensors")
    code = (
        "import sys; from lowface_core.cli import main; from lowface_core.runs.memory import peak_memory_mib\n"
        "try: main()\n"
        "finally: print(peak_memory_mib() * 2**20, file=sys.stderr)"
    )
    words = ["enhance", str(corpus), "-o", "out", "--checkpoint", "net.safetensors", "--enhancer", "retinex"]
    ran = subprocess.run(
        [sys.executable, "-c", code, *words, "--device", "cpu", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=1200,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr[-2000:]
    *lines, peak = ran.stderr.strip().splitlines()
    assert int(peak) < LIMIT
    assert all(line.startswith("lowface: ") for line in lines), lines
    report = json.loads(ran.stdout)
    written = {Path(path).name for path in report["written"]}
    failed = {name for name in FILES if sum(str(corpus / name) in line for line in lines) == 1}
    assert written | failed == set(FILES)
    assert not written & failed
    for name, (_, wanted) in FILES.items():
        read = wanted == READ and name not in SEVERAL
        assert wanted == EITHER or (name in written) == read, name
    assert len(lines) == len(failed)
    shutil.rmtree(tmp_path / "out")
