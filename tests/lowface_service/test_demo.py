"""``lowface demo``: the page in a browser, and its function without one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import lowface_core as lf

NO_GRADIO = 'gradio is no part of lowface[test]: it holds Pillow below 13; pip install "lowface[demo]"'


def test_a_missing_extra_is_one_line(lowface: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for name in ("GRADIO_TEMP_DIR", "GRADIO_ANALYTICS_ENABLED", "GRADIO_RUN_HISTORY"):
        monkeypatch.setenv(name, "")
    done = lowface("demo", "--checkpoint", "gain")
    assert done.code == 1
    assert 'pip install "lowface[demo]"' in done.err
    assert len(done.err.strip().splitlines()) == 1


@pytest.fixture
def show(tmp_path: Path) -> Callable[[Path | None], Any]:
    pytest.importorskip("gradio", reason=NO_GRADIO)
    from lowface_service.demo_page import shower

    return shower(lf.load_enhancer("gain", {"factor": 2.0}), tmp_path, 1000)


@pytest.mark.slow
def test_the_result_is_the_picture_as_enhance_writes_it(show: Callable[..., Any], tmp_path: Path) -> None:
    deep = np.random.default_rng(0).integers(0, 30_000, (20, 30), dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    (before, after), button = show(str(tmp_path / "deep.png"))
    assert (before.shape, before.dtype, after.shape) == ((20, 30, 3), np.uint8, (20, 30, 3))
    file = Path(button.value["path"] if isinstance(button.value, dict) else button.value)
    assert file.name == "deep_bright.png"
    np.testing.assert_array_equal(np.asarray(Image.open(file)), deep * 2)
    assert show(None)[0] is None


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), [("large.png", "more than 1,000 pixels"), ("broken.png", "broken.png: ")])
def test_what_cannot_be_shown_is_said(show: Callable[..., Any], tmp_path: Path, name: str, words: str) -> None:
    import gradio

    Image.new("L", (100, 11)).save(tmp_path / "large.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    with pytest.raises(gradio.Error) as refused:
        show(str(tmp_path / name))
    assert words in refused.value.message
    assert str(tmp_path) not in refused.value.message


@pytest.fixture
def page(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> Iterator[str]:
    """Address of a running demo."""
    pytest.importorskip("gradio", reason=NO_GRADIO)
    (tmp_path / "tmp").mkdir()
    words = ("--checkpoint", "gain", "--enhancer-options", "factor=2.0", "--port", "0")
    process = start("demo", *words, cwd=tmp_path, TMPDIR=str(tmp_path / "tmp"))
    assert process.stderr is not None
    for line in process.stderr:
        if "demo on " in line:
            yield line.rpartition(" ")[2].strip()
            break
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors
    assert list((tmp_path / "tmp").iterdir()) == []  # no picture is left


@pytest.mark.slow
def test_a_picture_is_dropped_the_slider_moved_and_the_result_downloaded(
    chromium: Any, page: str, tmp_path: Path
) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    pixels = np.random.default_rng(0).integers(0, 100, (200, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "night street.png")
    downloads = {"behavior": "allow", "downloadPath": str(tmp_path / "got")}
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    wait = WebDriverWait(chromium, 60)
    assert page.startswith("http://127.0.0.1:")
    chromium.get(page)
    wait.until(lambda browser: browser.find_elements(By.CSS_SELECTOR, "#dark input[type=file]"))
    wait.until(lambda browser: len(browser.find_elements(By.CSS_SELECTOR, ".gallery-item img")) == 3)
    chromium.find_element(By.CSS_SELECTOR, "#dark input[type=file]").send_keys(str(tmp_path / "night street.png"))
    wait.until(lambda browser: len(browser.find_elements(By.CSS_SELECTOR, "#slider img")) >= 2)
    handle = chromium.find_element(By.CSS_SELECTOR, "#slider [data-testid=slider]")
    before = handle.rect["x"]
    ActionChains(chromium).click_and_hold(handle).move_by_offset(-150, 0).release().perform()
    moved = wait.until(lambda browser: handle.rect["x"] - before)
    cut = chromium.find_elements(By.CSS_SELECTOR, "#slider img")[1].value_of_css_property("clip-path")
    if folder := os.environ.get("LOWFACE_SCREENSHOTS"):
        chromium.save_screenshot(f"{folder}/demo.png")
    assert moved == pytest.approx(-150, abs=5)
    assert float(cut.rpartition(" ")[2].rstrip("%)")) < 45  # more of the second picture shows

    button = chromium.find_element(By.CSS_SELECTOR, "#download")
    wait.until(lambda browser: button.is_enabled())
    button.click()
    got = tmp_path / "got" / "night street_bright.png"
    end = time.monotonic() + 30
    while not got.exists() and time.monotonic() < end:
        time.sleep(0.1)
    np.testing.assert_array_equal(np.asarray(Image.open(got)), pixels * 2)

    asked = chromium.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [address for address in asked if not address.startswith((page, "data:", "blob:"))] == []
