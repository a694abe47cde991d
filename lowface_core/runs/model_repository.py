"""A run as a repository of models on the Hugging Face Hub, and back."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.files import write_json, write_text
from lowface_core.runs import checkpoint
from lowface_core.runs.model_card import NOT_STATED, model_card, public_manifest
from lowface_core.weights import hub

MANIFEST, SUMMARY, CARD = "manifest.json", "summary.json", "README.md"
#: What training alone needs, and what may name people's folders.
LEFT_OUT = ("optimizer", "random", "model", "config", "data")


def prepare(run: Path, folder: Path, repo: str, licence: str = NOT_STATED) -> list[Path]:
    """Writes what a repository of a run holds: checkpoint, manifest, summary and card.

    Args:
        run: work dir.
        folder: where to.
        repo: ``owner/name``.

    Raises:
        LowfaceError: the folder is no run.
    """
    if not run.is_dir():
        raise LowfaceError(f"{run}: no such run; give the work dir of lowface train")
    source = checkpoint.in_work_dir(run, (checkpoint.BEST, checkpoint.LAST))
    content = checkpoint.load(source, ("state_dict", "enhancer_config"))
    manifest, summary = public_manifest(_json(run / MANIFEST)), _json(run / SUMMARY)
    kept = {key: value for key, value in content.items() if key not in (*LEFT_OUT, "format")}
    checkpoint.save(folder / source.name, kept)
    write_json(folder / MANIFEST, manifest)
    write_json(folder / SUMMARY, summary)
    write_text(folder / CARD, model_card(repo, manifest, summary, content["enhancer_config"], source.name, licence))
    return [folder / name for name in (source.name, MANIFEST, SUMMARY, CARD)]


def push(run: Path, repo: str, licence: str = NOT_STATED, private: bool = False, revision: str | None = None) -> str:
    """Uploads a run; the repository is made if there is none.

    Returns:
        the address of the checkpoint, which ``--checkpoint`` takes.

    Raises:
        LowfaceError: no run, no network, no permission.
    """
    _check_online(f"push {repo}")
    with tempfile.TemporaryDirectory(prefix="lowface-push-") as scratch:
        files = prepare(run, Path(scratch), repo, licence)
        try:
            api = _api()
            api.create_repo(repo, private=private, exist_ok=True, repo_type="model")
            message = f"lowface run {run.resolve().name}"
            api.upload_folder(repo_id=repo, folder_path=scratch, commit_message=message, revision=revision)
        except Exception as error:
            raise _failed(f"push {repo}", error) from error
    return str(hub.Address(repo, files[0].name, revision or hub.MAIN))


def pull(repo: str, folder: Path, revision: str = hub.MAIN) -> list[Path]:
    """Fetches a run that :func:`push` uploaded, as a folder that ``--checkpoint`` takes.

    A config is a program when it is Python, so none is fetched: the checkpoint says which network it is.

    Raises:
        LowfaceError: the folder is not empty; there is no such repository, or no checkpoint in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise LowfaceError(f"{folder}: is not empty; give another folder")
    names = (checkpoint.BEST, checkpoint.LAST, MANIFEST, SUMMARY, CARD)
    try:
        there = {*_api().list_repo_files(repo, revision=revision)} if not hub.offline() else {*names}
    except Exception as error:
        raise _failed(f"pull {repo}", error) from error
    if not there & {checkpoint.BEST, checkpoint.LAST}:
        raise WeightsError(f"{repo}@{revision}: holds no {checkpoint.LAST}; fetch its weights as hf://{repo}/FILE")
    fetched = {name: hub.fetch(str(hub.Address(repo, name, revision))) for name in names if name in there}
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in fetched.items():
        shutil.copyfile(path, folder / name)
    checkpoint.load(checkpoint.in_work_dir(folder, (checkpoint.BEST, checkpoint.LAST)), ("state_dict",))
    return [folder / name for name in fetched]


def _api() -> Any:
    import huggingface_hub

    return huggingface_hub.HfApi(endpoint=hub.endpoint(), library_name="lowface")


def _check_online(what: str) -> None:
    if hub.offline():
        raise LowfaceError(f"{what}: the network is forbidden (LOWFACE_OFFLINE or HF_HUB_OFFLINE); unset it")


def _failed(what: str, error: Exception) -> LowfaceError:
    told = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
    return LowfaceError(f"{what}: {told}; is the name right, and are you logged in (hf auth login, or HF_TOKEN)?")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise LowfaceError(f"{path}: is damaged ({error}); take another run") from error
    return found if isinstance(found, dict) else {}
