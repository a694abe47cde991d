"""mmsegmentation on mmcv-lite: the two names that it imports from mmcv's compiled operators, without compiling any.

mmsegmentation 1.2 asks for mmcv < 2.2 and imports ``mmcv.ops`` unconditionally. That package needs the extension
``mmcv._ext``, which mmcv-lite leaves out and which has no wheels for current PyTorch. Nothing that a parser uses
is in it: ``point_sample`` is plain PyTorch, and ``sigmoid_focal_loss`` is only called for focal losses on a GPU.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
import warnings
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from lowface_core.errors import PluginError

_lock = threading.RLock()
_CURE = "install mmcv with its compiled operators (mmcv>=2.1,<2.2 in place of mmcv-lite)"


class _Operators(ModuleType):
    """Stands in for ``mmcv.ops``: whatever it does not hold is reported as mmcv-lite itself would report it."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # Python's own questions to a module (__path__, __file__) expect this error
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise ModuleNotFoundError(f"mmcv.ops.{name} is a compiled operator, missing from mmcv-lite; {_CURE}")


def _sigmoid_focal_loss(*args: Any, **kwargs: Any) -> NoReturn:
    raise PluginError(f"mmcv.ops.sigmoid_focal_loss is a compiled operator, missing from mmcv-lite; {_CURE}")


def _provide_operators() -> None:
    """Puts the stand-in where ``import mmcv.ops`` will find it, unless the real operators are there."""
    import mmcv

    if "mmcv.ops" in sys.modules or importlib.util.find_spec("mmcv._ext") is not None:
        return
    path = Path(mmcv.__file__).parent / "ops" / "point_sample.py"
    spec = importlib.util.spec_from_file_location("mmcv.ops.point_sample", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise PluginError(f"{path} is missing; reinstall mmcv-lite>=2.1,<2.2")
    point_sample = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(point_sample)

    operators = _Operators("mmcv.ops", "Stand-in for mmcv's compiled operators (lowface_semantic.mmcv_ops).")
    operators.__spec__ = ModuleSpec("mmcv.ops", None)
    vars(operators).update(point_sample=point_sample.point_sample, sigmoid_focal_loss=_sigmoid_focal_loss)
    sys.modules["mmcv.ops"] = operators
    mmcv.ops = operators


def import_mmseg() -> ModuleType:
    """The ``mmseg`` package with its models registered; works with mmcv-lite as well as with the full mmcv.

    Safe to call from several threads and as often as one likes; prints nothing. An ``mmcv.ops`` that is already
    imported, or can be, is left as it is.

    Raises:
        PluginError: mmsegmentation, mmcv or mmengine is missing or does not fit; the message names the cause.
    """
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside mmengine and mmcv, nothing a user could act on
        try:
            _provide_operators()
            importlib.import_module("mmseg.models")
            return importlib.import_module("mmseg")
        except (ImportError, AssertionError) as error:  # mmseg asserts its version bounds
            cause = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise PluginError(
                f"mmsegmentation cannot be imported ({cause}); "
                "pip install 'mmsegmentation>=1.2.2,<1.3' 'mmcv-lite>=2.1,<2.2' 'mmengine>=0.10.7,<0.11' ftfy regex"
            ) from error
