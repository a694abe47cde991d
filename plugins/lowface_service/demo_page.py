"""The page of ``lowface demo``, made with gradio."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio
import numpy as np
from fastapi import FastAPI
from torch import nn

import lowface_core as lf
from lowface_core.cli.enhance_plan import Naming
from lowface_core.data.depth import to_bytes, to_float
from lowface_core.data.images import read_picture, write_image, write_picture
from lowface_core.device import out_of_memory
from lowface_core.errors import LowfaceError
from lowface_core.inference import enhance_pixels
from lowface_service.formats import looked_at

#: Side of the example pictures, their number, and how they were taken.
EXAMPLE, EXAMPLES = 256, 3
DARK = {"type": "sensor", "exposure": [0.06, 0.12]}
TITLE = "Low-light enhancement"
#: gradio's own fonts are fetched from another machine where its theme names such.
FONTS = ("system-ui", "sans-serif")


def demo_page(enhancer: nn.Module, folder: Path, max_bytes: int, max_pixels: int) -> FastAPI:
    """The web application for one enhancer.

    Args:
        enhancer: from :func:`lowface_core.load_enhancer`.
        folder: where examples and results lie.
        max_bytes, max_pixels: of a picture that is dropped; the second by its header, before it is decoded.
    """
    show = shower(enhancer, folder, max_pixels)
    examples = [[str(path)] for path in made_examples(folder)]
    with gradio.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        gradio.Markdown(f"# {TITLE}\nDrop a dark picture, or take one of the rendered faces, and move the slider.")
        with gradio.Row():
            with gradio.Column(scale=1):
                dark = gradio.Image(
                    label="Dark picture",
                    type="filepath",
                    image_mode=None,  # the file as it was sent, with all that it holds
                    sources=["upload", "clipboard"],
                    height=240,
                    elem_id="dark",
                )
                gradio.Examples(examples, dark, label="Rendered faces", cache_examples=False)
            with gradio.Column(scale=2):
                slider = gradio.ImageSlider(
                    label="Before and after",
                    format="png",
                    interactive=False,
                    buttons=["fullscreen"],
                    max_height=520,
                    elem_id="slider",
                )
                result = gradio.DownloadButton("Download the result", interactive=False, elem_id="download")
        dark.change(show, dark, [slider, result], api_visibility="private", show_progress="minimal")
    theme = gradio.themes.Default(font=FONTS, font_mono="monospace")
    return gradio.mount_gradio_app(
        FastAPI(), blocks, "/", theme=theme, max_file_size=max_bytes, footer_links=[], ssr_mode=False
    )


def shower(enhancer: nn.Module, folder: Path, max_pixels: int) -> Callable[[str | None], tuple[Any, Any]]:
    """A function from a picture's file to what the slider shows and the button gives.

    The button's file is what ``lowface enhance`` would have written; the slider shows both with 8 bits.
    """

    def show(path: str | None) -> tuple[Any, Any]:
        if path is None:
            return None, gradio.DownloadButton(value=None, interactive=False)
        file = Path(path)
        found = looked_at(file.read_bytes())
        if found is not None and found[1] > max_pixels:
            raise gradio.Error(f"the picture has more than {max_pixels:,} pixels; make it smaller")
        try:
            picture = read_picture(file)
            result = enhance_pixels(picture.pixels, enhancer, file.name)
            written = Path(tempfile.mkdtemp(dir=folder)) / Naming(suffix="_bright")(Path(file.name))
            write_picture(written, result, picture)
        except LowfaceError as error:
            raise gradio.Error(str(error).replace(str(file), file.name)) from error
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            raise gradio.Error("the picture takes more memory than there is; make it smaller") from error
        both = tuple(np.ascontiguousarray(shown(each).transpose(1, 2, 0)) for each in (picture.pixels, result))
        return both, gradio.DownloadButton(value=str(written), interactive=True)

    return show


def shown(pixels: np.ndarray) -> np.ndarray:
    """Pixels of any depth with 8 bits."""
    return pixels if pixels.dtype == np.uint8 else to_bytes(to_float(pixels))


def made_examples(folder: Path) -> list[Path]:
    """Rendered faces in the dark, as files of a folder."""
    faces = lf.build("dataset", "rendered_faces", size=EXAMPLE, identities=EXAMPLES, pictures=1, degradation=DARK)
    files = [folder / f"face_{number}.png" for number in range(1, EXAMPLES + 1)]
    for number, file in enumerate(files):
        write_image(file, faces.item(number, np.random.default_rng(number))["low"], profile=True)
    return files
