"""What counts as a fault: in what a command says, and in what it leaves on disk."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trials.process import Said

#: What differs between two runs of one command, or is written for people alone.
VOLATILE = re.compile(r"(^|/)(manifest\.json|log\.txt|events\.out\.[^/]*|config\.py)$")
TIMES = {"seconds", "training_seconds", "peak_memory_mib", "seconds_per_picture", "work_dir", "manifest", "started"}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]|\udc1b")
PARTS = re.compile(r"^\..*\.part(\.\w+)?$")


def spoken(said: Said, codes: Iterable[int] = (0, 1, 2, 130)) -> list[str]:
    """Faults of how a command ended and of what it said."""
    text, faults = said.out + said.err, []
    if said.hung:
        faults.append("hang")
    if "Traceback (most recent call last)" in text:
        faults.append(f"traceback: {text.rstrip().splitlines()[-1][:200]}")
    if found := re.search(r"unexpected \w+: .*", text):
        faults.append(found[0][:200])
    if not said.hung and said.code not in codes:
        faults.append(f"exit code {said.code}: {said.err[-200:]!r}")
    if said.code == 1 and not said.err.strip() and not said.out.strip():
        faults.append("fails without a word")
    if control := CONTROL.search(text):
        faults.append(f"control character {control[0]!r} reaches the terminal")
    faults += [f"left running: {line}" for line in said.left]
    return faults


def halves(folder: Path) -> list[str]:
    """Files under a final name that are not whole."""
    faults = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.is_file():
            continue
        try:
            _read(path)
        except Exception as error:
            faults.append(f"half-written: {path.name} ({type(error).__name__}: {str(error)[:100]})")
    return faults


def _read(path: Path) -> Any:
    """The content of a file, read to its end."""
    suffix = path.suffix.lower()
    if suffix in (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"):
        from PIL import Image

        with Image.open(path) as picture:
            picture.load()
        return None
    if suffix in (".pth", ".torchscript", ".safetensors"):
        return weights_in(path)
    if suffix == ".onnx":
        import onnx

        return onnx.load(path)
    if suffix == ".jsonl":  # logs that grow: a line may be cut while the run is unfinished
        return "partial" in path.name or [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    text = path.read_text() if suffix in (".json", ".html", ".py", ".md", ".csv", ".tex", ".toml") else None
    if suffix == ".json":
        return json.loads(text or "")
    if suffix == ".py":
        compile(text or "raise", str(path), "exec")
        if not text:
            raise ValueError("empty")
    if suffix == ".html" and not (text or "").rstrip().endswith("</html>"):
        raise ValueError("cut short")
    if text is not None and suffix != ".html" and not text.endswith("\n"):
        raise ValueError("cut short")
    return None


def weights_in(path: Path) -> Any:
    """Tensors of a file of weights."""
    import torch

    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    if path.suffix == ".torchscript":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its future
            return torch.jit.load(path, map_location="cpu").state_dict()
    return torch.load(path, map_location="cpu", weights_only=True)


def content(folder: Path) -> dict[str, str]:
    """Digest of each file under a final name, of what two runs of one command have in common."""
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or VOLATILE.search(name) or any(part.startswith(".") for part in name.split("/")):
            continue
        try:
            data = _lasting_bytes(path)
        except Exception:  # not whole, which another check says
            data = path.read_bytes()
        found[name] = hashlib.sha256(data).hexdigest()
    return found


def _lasting_bytes(path: Path) -> bytes:
    if path.suffix == ".pth":
        held = weights_in(path)
        weights = [(key, _digest(value)) for key, value in sorted(held.get("state_dict", {}).items())]
        return repr((weights, held.get("iter"))).encode()
    if path.suffix == ".json":
        return json.dumps(_lasting(json.loads(path.read_text())), sort_keys=True).encode()
    return path.read_bytes()


def _digest(tensor: Any) -> str:
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if k not in TIMES}
    return [_lasting(v) for v in value] if isinstance(value, list) else value


def differences(wanted: dict[str, str], found: dict[str, str], what: str) -> list[str]:
    """Faults where a folder is not as it should be."""
    faults = [f"{what}: {name} is missing" for name in wanted if name not in found]
    faults += [f"{what}: {name} differs" for name in wanted if name in found and wanted[name] != found[name]]
    return faults[:3]


def remains(folder: Path) -> list[str]:
    """Half files, under names of their own, that are still there after a command that ended well."""
    return [f"left behind: {p.name}" for p in sorted(folder.rglob(".*")) if PARTS.match(p.name)][:3]


def fingerprints(folder: Path) -> dict[str, str]:
    """Digest of every file, so that a lost or changed input is seen."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def lost(before: dict[str, str], folder: Path) -> list[str]:
    """Inputs that are gone, or changed."""
    after = fingerprints(folder)
    return [
        f"input {'changed' if name in after else 'lost'}: {name}" for name in before if after.get(name) != before[name]
    ]
