"""What a file of weights may not hold: foreign objects, odd tensors, more than the file has room for."""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import WeightsError

#: How torch's safe reader names what it does not read.
FOREIGN = re.compile(r"(?:Unsupported global: GLOBAL|[Uu]nsupported class|unsupported GLOBAL) ([\w.]+)")
#: Bytes to which any archive may unpack; larger ones to twenty times their size.
ROOM = 2**30
#: Classes that only hold data, so that torch may be told to read them.
HARMLESS = {"argparse.Namespace", "pathlib.PosixPath", "pathlib.PurePosixPath", "types.SimpleNamespace"}


def check_unpacked(path: Path) -> None:
    """Makes sure that an archive does not unpack to far more than its size.

    Raises:
        WeightsError: it does.
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    held = path.stat().st_size
    if size > max(ROOM, 20 * held):
        raise WeightsError(f"{path}: {held} bytes that unpack to {size} are no weights; fetch or copy it again")


def check_sums(path: Path) -> None:
    """Compares what an archive holds with the check sums that were written with it, which torch does not look at.

    Raises:
        WeightsError: a part is not what was written.
    """
    with zipfile.ZipFile(path) as archive:
        if not any(part.CRC for part in archive.infolist()):  # torch was told to write none
            return
        if damaged := archive.testzip():
            raise WeightsError(f"{path}: is damaged ({damaged} in it has another check sum); fetch or copy it again")


def foreign_objects(path: Path, error: Exception) -> list[str]:
    """Names of the classes and functions in a file that torch's safe reader refused with ``error``."""
    if not (named := FOREIGN.findall(str(error))):
        return []
    with contextlib.suppress(Exception):  # a file of another format: the error names the first alone
        named += torch.serialization.get_unsafe_globals_in_checkpoint(path)
    return sorted(set(named))


def conversion(path: Path, names: list[str]) -> str:
    """What a file holds besides tensors, and how its tensors come into a file of their own."""
    held = f"holds objects other than tensors and plain data ({', '.join(names[:5])}), which could run code"
    if not HARMLESS.issuperset(names):
        return f"{held}; ask whoever made it for its state dict alone, torch.save(model.state_dict(), FILE)"
    modules = ", ".join(dict.fromkeys(("torch", *(name.partition(".")[0] for name in names))))
    script = (
        f"import {modules}; torch.serialization.add_safe_globals([{', '.join(names)}]); "
        f"c = torch.load({str(path)!r}, map_location='cpu'); torch.save(c.get('state_dict', c), 'weights.pth')"
    )
    return f'{held}; these hold data alone, and this writes the tensors to weights.pth: python -c "{script}"'


def check_tensors(state: Mapping[Any, Any], source: str | Path, place: str = "") -> None:
    """Makes sure that the tensors of a file are plain ones, with every value that they say they have.

    Args:
        source: the file, and ``place`` where in it ``state`` stands, for messages.

    Raises:
        WeightsError: one is sparse, nested, quantised, complex, without data, or larger than what the file holds of it.
    """
    for key, value in state.items():
        if not isinstance(value, Tensor):
            continue
        if value.is_meta:
            fault = "holds no data (it was saved from the device 'meta')"
        elif value.layout != torch.strided or value.is_nested:
            fault = f"is {'nested' if value.is_nested else str(value.layout).removeprefix('torch.')}"
        elif value.is_quantized or value.is_complex():
            fault = f"is of type {str(value.dtype).removeprefix('torch.')}"
        elif value.numel() * value.element_size() > value.untyped_storage().nbytes():
            fault = f"says its shape is {tuple(value.shape)}, but holds {value.untyped_storage().nbytes()} bytes"
        else:
            continue
        raise WeightsError(f"{source}: {place}{key} {fault}; only plain tensors can be used: take another file")
