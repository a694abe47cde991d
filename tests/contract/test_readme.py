"""The README's commands, run one after the other in a new folder, as a reader would type them.

What differs from the page, so that it ends in minutes: trainings get two iterations on a few small pictures (SMALL) and
as much data, the benchmark two methods on two pictures, and the service is stopped once it runs; DATA and WEIGHTS are
the folders of real faces and public weights beside the checkout. Installing is not run here: CI runs the page's own two
install commands, and the wheel's and the plugin path's tests install anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lowface_core.config.load import read
from lowface_core.data.images import write_image
from tests.pages import blocks_of

#: The demo's own tests start it, where gradio is installed.
NOT_RUN = ("pip install", "pytest", "git clone", "cd ", "lowface demo")
TRAINING = ("max_iters=2", "batch_size=2", "samples=1", "val_interval=0")
FEW = ("identities=3", "pictures=2", "size=48")
RENDERED = tuple(f"{section}_dataset.{setting}" for section in ("train", "test") for setting in FEW)
COMPARED = read("faces_shared")
FEWER = [f"datasets.{name}=null" for name in COMPARED["datasets"] if name != "celeba_linear"]
FEWER += [f"methods.{name}=null" for name in COMPARED["methods"] if name not in ("zero_dcepp", "sci_medium")]
WHOLE = (*TRAINING, *RENDERED, "val_dataset.identities=2")
#: By how a line begins, what is added to its --cfg-options; the longest beginning counts.
SMALL = {
    "lowface train": WHOLE,
    "lowface train baselines": WHOLE[:-1],
    "lowface train lowfacenet.py --work-dir runs/a --resume": (*WHOLE, "max_iters=4"),
    "lowface train lowfacenet_celeba": (*TRAINING, "train_dataset.limit=6", "test_dataset.limit=3"),
    "lowface evaluate lowfacenet ": RENDERED[3:],
    "lowface benchmark": ("datasets.celeba_linear.dataset.limit=2", *FEWER),
    "lowface pretrain": (*TRAINING, *RENDERED),
    "torchrun": WHOLE,
}

#: The service ends when it is asked to, once it runs.
SERVED = """{} > serve.log 2>&1 &
for _ in $(seq 300); do grep -q "serving on" serve.log && break; sleep 1; done
kill $!; wait $!; [ $? = 143 ] && grep "serving on" serve.log"""


def commands(root: Path) -> list[str]:
    """Every command of the page, in order, without comments and the parts that install."""
    blocks = [block.text for block in blocks_of(root / "README.md") if not block.language]
    lines = [line for block in blocks for line in block.splitlines()]
    parts = [part.strip() for line in lines for part in line.split(" #")[0].split("&&")]
    return [part for part in parts if part and not part.startswith(("#", *NOT_RUN))]


def as_run(command: str, shared: Path) -> str:
    """The command with its placeholders filled in and its settings made small."""
    data = shared / "data" if command.startswith("lowface benchmark") else shared / "data" / "celeba-face"
    command = re.sub(r"\bDATA\b", str(data), command)
    command = re.sub(r"\bWEIGHTS\b", str(shared / "weights"), command)
    if command.startswith("lowface serve"):
        return SERVED.format(f"{command} --port 0")
    beginnings = [beginning for beginning in SMALL if command.startswith(beginning)]
    small = SMALL[max(beginnings, key=len)] if beginnings else ()
    return f"{command} --cfg-options {' '.join(small)}" if small else command


def test_the_page_has_commands_of_each_kind_and_nothing_that_is_no_command(root: Path) -> None:
    found = commands(root)
    assert len(found) >= 10
    assert {command.split()[0] for command in found} <= {"lowface", "torchrun"}
    for beginning in SMALL:
        assert any(command.startswith(beginning) for command in found), f"{beginning}: no longer on the page"


@pytest.mark.slow
def test_every_command_of_the_page_runs(root: Path, shared: Path, tmp_path: Path) -> None:
    dark = np.full((3, 40, 30), 0.1, np.float32)
    for folder in ("photos", "truth", "people"):
        (tmp_path / folder).mkdir()
    for picture in (tmp_path / "dark.jpg", tmp_path / "photos" / "a.png", tmp_path / "truth" / "a.png"):
        write_image(picture, dark)
    for person in sorted((shared / "data" / "lfw-faces").iterdir())[:4]:
        (tmp_path / "people" / person.name).symlink_to(person)
    programs = Path(sys.executable).parent
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    for command in commands(root):
        done = subprocess.run(
            ["bash", "-c", as_run(command, shared)],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout, command
    assert (tmp_path / "bright.jpg").is_file()
    assert (tmp_path / "bright" / "a.png").is_file()
    assert (tmp_path / "runs" / "a" / "summary.json").is_file()
    assert (tmp_path / "report.html").is_file()
