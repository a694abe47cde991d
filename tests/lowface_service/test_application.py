"""The service's answers, asked without a network in between."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient
from PIL import Image, ImageCms
from torch import Tensor, nn

import lowface_core as lf
from lowface_service.application import Limits, application
from lowface_service.formats import accepted


def encoded(pixels: np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def decoded(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.fixture
def dark() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, (9, 14, 3), dtype=np.uint8)


@pytest.fixture
def ask() -> Callable[..., Any]:
    def ask(
        content: bytes, limits: Limits | None = None, token: str | None = None, net: Any = None, **headers: str
    ) -> Any:
        app = application(net or lf.load_enhancer("gain", {"factor": 2.0}), limits, token)
        return TestClient(app).post("/enhance", content=content, headers=headers)

    return ask


def test_a_picture_comes_back_enhanced_in_its_own_format(ask: Callable[..., Any], dark: np.ndarray) -> None:
    answer = ask(encoded(dark))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    np.testing.assert_array_equal(decoded(answer.content), dark * 2)


@pytest.mark.parametrize(
    ("accept", "kind"), [("image/webp", "WEBP"), ("image/jpeg;q=0.4, image/tiff", "TIFF"), ("text/html, */*", "PNG")]
)
def test_accept_chooses_the_format(ask: Callable[..., Any], dark: np.ndarray, accept: str, kind: str) -> None:
    answer = ask(encoded(dark), accept=accept)
    assert Image.open(io.BytesIO(answer.content)).format == kind


def test_a_turned_photo_comes_back_upright(ask: Callable[..., Any], dark: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    answer = ask(encoded(dark, "PNG", exif=exif))
    np.testing.assert_array_equal(decoded(answer.content), np.rot90(dark, -1) * 2)
    assert dict(Image.open(io.BytesIO(answer.content)).getexif()) == {0x0112: 1, 0x010F: "a camera"}


def test_sixteen_bits_reach_the_network_and_come_back(ask: Callable[..., Any]) -> None:
    grey = np.full((4, 4), 200, dtype=np.uint16)  # below the first of 256 levels
    net = lf.load_enhancer("gain", {"factor": 100.0})
    answer = decoded(ask(encoded(grey), net=net).content)
    assert (answer.dtype, answer.shape, answer.max()) == (np.uint16, (4, 4), 20_000)
    assert decoded(ask(encoded(grey), net=net, accept="image/jpeg").content).max() == round(200 / 65535 * 100 * 255)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_profile_and_opacity_are_kept_where_the_format_can(
    ask: Callable[..., Any], dark: np.ndarray, kind: str
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    opacity = np.arange(dark[..., 0].size, dtype=np.uint8).reshape(dark.shape[:2])
    sent = encoded(np.dstack([dark, opacity]), icc_profile=profile)
    answer = Image.open(io.BytesIO(ask(sent, accept=Image.MIME[kind]).content))
    assert answer.info["icc_profile"] == profile
    assert answer.mode == ("RGB" if kind == "JPEG" else "RGBA")
    if kind != "JPEG":
        np.testing.assert_array_equal(np.asarray(answer.getchannel("A")), opacity)


def test_an_animation_is_refused_in_one_line(ask: Callable[..., Any], dark: np.ndarray) -> None:
    file = io.BytesIO()
    Image.fromarray(dark).save(file, "WEBP", save_all=True, append_images=[Image.fromarray(dark * 2)])
    answer = ask(file.getvalue())
    assert (answer.status_code, answer.text) == (
        415,
        "the body: holds 2 frames; store each in a file of its own\n",
    )


def bomb() -> bytes:
    """A small file whose header claims 60,000 x 60,000 pixels."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"hello", 415),
        (b'{"picture": "/etc/passwd"}', 415),
        (bomb(), 413),
        (encoded(np.zeros((64, 64, 3), np.uint8), "JPEG")[:-200], 415),
        (encoded(np.random.default_rng(0).integers(0, 9, (64, 64, 3), dtype=np.uint8))[:-900], 415),
    ],
    ids=["empty", "text", "json", "bomb", "cut JPEG", "cut PNG"],
)
def test_what_is_not_a_picture_is_one_line(ask: Callable[..., Any], content: bytes, status: int) -> None:
    answer = ask(content)
    assert answer.status_code == status
    assert answer.text.endswith("\n")
    assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("limits", "headers", "status"),
    [
        (Limits(max_bytes=50), {}, 413),
        (Limits(max_pixels=100), {}, 413),
        (Limits(), {"accept": "text/html"}, 406),
    ],
)
def test_limits_are_one_line(
    ask: Callable[..., Any], dark: np.ndarray, limits: Limits, headers: dict[str, str], status: int
) -> None:
    answer = ask(encoded(dark), limits, **headers)
    assert (answer.status_code, len(answer.text.splitlines())) == (status, 1)


@pytest.mark.parametrize(
    ("sent", "status"), [("Bearer secret", 200), ("Bearer secreT", 401), ("", 401), ("Bearer sécret", 401)]
)
def test_a_token_is_needed_where_one_is_set(ask: Callable[..., Any], dark: np.ndarray, sent: str, status: int) -> None:
    headers = {"authorization": sent.encode("latin-1")} if sent else {}
    assert ask(encoded(dark), token="secret", **headers).status_code == status


class Waiting(nn.Module):
    """Answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()

    def forward(self, low: Tensor) -> Tensor:
        self.may.wait(20)
        return low


def test_more_requests_than_allowed_are_told_to_come_back_and_slots_are_given_back(dark: np.ndarray) -> None:
    network = Waiting()
    with TestClient(application(network, Limits(max_requests=1))) as client:
        answers: list[int] = []
        first = threading.Thread(
            target=lambda: answers.append(client.post("/enhance", content=encoded(dark)).status_code)
        )
        first.start()
        while client.get("/health").json()["running"] == 0:
            time.sleep(0.01)
        refused = client.post("/enhance", content=encoded(dark))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        network.may.set()
        first.join()
        assert answers == [200]
        assert client.get("/health").json()["running"] == 0
        assert client.post("/enhance", content=encoded(dark)).status_code == 200


def test_a_picture_that_takes_too_long_counts_until_its_thread_ends(dark: np.ndarray) -> None:
    network = Waiting()
    with TestClient(application(network, Limits(max_seconds=0.2))) as client:
        assert client.post("/enhance", content=encoded(dark)).status_code == 503
        assert client.get("/health").json()["running"] == 1
        network.may.set()
        while client.get("/health").json()["running"]:
            time.sleep(0.01)


class Broken(nn.Module):
    def forward(self, low: Tensor) -> Tensor:
        return torch.full_like(low, float("nan"))


def test_pixels_that_are_no_numbers_are_refused(ask: Callable[..., Any], dark: np.ndarray) -> None:
    answer = ask(encoded(dark), net=Broken())
    assert (answer.status_code, len(answer.text.splitlines())) == (422, 1)


def test_health_metrics_and_openapi(dark: np.ndarray) -> None:
    client = TestClient(application(lf.load_enhancer("gain", {"factor": 2.0})))
    client.post("/enhance", content=encoded(dark))
    client.post("/enhance", content=b"no picture")
    client.get("/nowhere")
    assert client.get("/health").json()["status"] == "ok"
    metrics = client.get("/metrics").text
    assert 'lowface_requests_total{path="/enhance",status="200"} 1.0' in metrics
    assert 'lowface_requests_total{path="/enhance",status="415"} 1.0' in metrics
    assert 'lowface_requests_total{path="other",status="404"} 1.0' in metrics
    assert "image/png" in client.get("/openapi.json").json()["paths"]["/enhance"]["post"]["requestBody"]["content"]
    assert client.get("/enhance").text == "GET /enhance: Method Not Allowed\n"


@pytest.mark.parametrize(
    ("accept", "own", "chosen"),
    [
        ("", "JPEG", "JPEG"),
        ("", "GIF", "PNG"),
        ("image/*;q=0.5, image/png", "JPEG", "PNG"),
        ("image/png;q=0, image/*", "WEBP", "WEBP"),
        ("image/avif, image/jpeg;q=0.1", "PNG", "JPEG"),
        ("image/avif", "PNG", None),
        ("image/png;q=x", "PNG", None),
    ],
)
def test_what_accept_means(accept: str, own: str, chosen: str | None) -> None:
    assert accepted(accept, own) == chosen
