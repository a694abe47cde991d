"""mmsegmentation on mmcv-lite: tried in fresh interpreters, since an import happens once per process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from lowface_semantic.mmcv_ops import import_mmseg

LITE = importlib.util.find_spec("mmcv._ext") is None
lite_only = pytest.mark.skipif(not LITE, reason="the full mmcv is installed")


def run_fresh(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, env=environment, timeout=120
    )


def test_fresh_import_is_quiet_and_builds_without_pkg_resources_and_distutils():
    # setuptools dropped pkg_resources, Python 3.12 dropped distutils: hide both, wherever they may still be installed
    code = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pkg_resources", "distutils"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
for name in [n for n in sys.modules if n.partition(".")[0] in ("pkg_resources", "distutils")]:
    del sys.modules[name]
from lowface_semantic.mmcv_ops import import_mmseg
from lowface_semantic.network import build_network
mmseg = import_mmseg()
assert import_mmseg() is mmseg and mmseg is sys.modules["mmseg"]
build_network("small")
"""
    done = run_fresh(code)
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")


def test_threads_get_one_package():
    code = """
from concurrent.futures import ThreadPoolExecutor
from lowface_semantic.mmcv_ops import import_mmseg
with ThreadPoolExecutor(8) as pool:
    found = {id(f.result()) for f in [pool.submit(import_mmseg) for _ in range(8)]}
assert len(found) == 1
"""
    done = run_fresh(code)
    assert done.returncode == 0, done.stderr


@lite_only
def test_other_operators_are_reported_as_missing():
    import_mmseg()
    import mmcv

    assert mmcv.ops is sys.modules["mmcv.ops"]
    with pytest.raises(ModuleNotFoundError, match="RoIAlign"):
        from mmcv.ops import RoIAlign  # noqa: F401
    with pytest.raises(ModuleNotFoundError):
        import mmcv.ops.nms
    assert not hasattr(mmcv.ops, "__path__")


@lite_only
def test_focal_loss_says_what_is_missing():
    import_mmseg()
    from mmcv.ops import sigmoid_focal_loss

    from lowface_core.errors import PluginError

    with pytest.raises(PluginError, match="compiled operator"):
        sigmoid_focal_loss()


def test_point_sample_is_the_real_one():
    import_mmseg()
    import torch
    from mmcv.ops import point_sample

    image = torch.arange(4.0).view(1, 1, 2, 2)
    centres = torch.tensor([[[0.25, 0.25], [0.75, 0.75], [0.5, 0.5]]])  # xy in [0,1]
    torch.testing.assert_close(point_sample(image, centres), torch.tensor([[[0.0, 3.0, 1.5]]]))


def test_an_existing_operator_module_is_left_alone():
    code = """
import sys, types
real = types.ModuleType("mmcv.ops")
real.point_sample = real.sigmoid_focal_loss = real.CrissCrossAttention = real.PSAMask = print
import mmcv
sys.modules["mmcv.ops"] = real
from lowface_semantic.mmcv_ops import import_mmseg
import_mmseg()
assert sys.modules["mmcv.ops"] is real
"""
    done = run_fresh(code)
    assert done.returncode == 0, done.stderr


def test_missing_library_is_one_line_with_the_cure():
    code = """
import sys
sys.modules["mmseg"] = None
from lowface_core.errors import PluginError
from lowface_semantic.mmcv_ops import import_mmseg
try:
    import_mmseg()
except PluginError as error:
    print(error)
"""
    done = run_fresh(code)
    assert done.returncode == 0, done.stderr
    assert "pip install 'mmsegmentation" in done.stdout
    assert done.stdout.count("\n") == 1
