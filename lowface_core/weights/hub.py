"""Files of model repositories on the Hugging Face Hub: ``hf://owner/repo/file@revision``."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lowface_core.errors import WeightsError
from lowface_core.files import write_text
from lowface_core.weights.record import home, noted_sum, sha256_of

SCHEME = "hf://"
FORM = re.compile(r"hf://(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>[^@\s]+?)(?:@(?P<revision>[^@\s]+))?")
#: What is asked for where an address names no revision; it may move.
MAIN = "main"


def is_address(requested: Any) -> bool:
    """Whether weights are asked for by an address of a repository."""
    return isinstance(requested, str) and requested.startswith(SCHEME)


@dataclass(frozen=True)
class Address:
    """A file of a repository.

    Attributes:
        repo: ``owner/name``.
        file: its path there.
        revision: branch, tag or commit.
    """

    repo: str
    file: str
    revision: str = MAIN

    @classmethod
    def of(cls, text: str) -> Address:
        """What ``hf://owner/repo/file@revision`` means.

        Raises:
            WeightsError: it has another form, or leads out of the repository.
        """
        found = FORM.fullmatch(text)
        if found is None or ".." in found["file"].split("/"):
            raise WeightsError(f"weights: {text!r} is no address; write hf://owner/repo/file@revision")
        return cls(found["repo"], found["file"], found["revision"] or MAIN)

    def __str__(self) -> str:
        return f"{SCHEME}{self.repo}/{self.file}@{self.revision}"

    @property
    def noted(self) -> Path:
        """Where the SHA-256 of the file that came first is noted."""
        name = re.sub(r"[^\w.-]", "--", f"{self.repo}@{self.revision}/{self.file}")
        return cache() / "sha256" / f"{name}.sha256"


def cache() -> Path:
    """Folder of what came from repositories, laid out as ``huggingface_hub`` lays out its own."""
    return home() / "huggingface"


def endpoint() -> str | None:
    """The server of ``HF_ENDPOINT``, as it stands now; None: the library's own."""
    return os.environ.get("HF_ENDPOINT") or None


def offline() -> bool:
    """Whether lowface or the library is told to stay off the network."""
    library = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "TRUE", "YES")
    return library or os.environ.get("LOWFACE_OFFLINE") == "1"


def check(requested: str) -> None:
    """Makes sure, without fetching anything, that a file is here or may be fetched.

    Raises:
        WeightsError: the address has another form; or the network is forbidden and the file is not here.
    """
    address = Address.of(requested)
    if offline() and _here(address) is None:
        raise _absent(address)


def fetch(requested: str) -> Path:
    """The local file of an address, fetched unless it is here; its SHA-256 is noted the first time and compared later.

    Raises:
        WeightsError: see :func:`check`; it cannot be fetched; or it is another file than the first time.
    """
    address = Address.of(requested)
    path = _here(address) if offline() else None
    if offline() and path is None:
        raise _absent(address)
    if path is None:
        path = _downloaded(address)
    found, first = sha256_of(path), noted_sum(address.noted)
    if first is None:
        write_text(address.noted, f"{found}  {address}\n")
    elif first != found:
        cure = f"name a commit, @COMMIT, or delete {address.noted} to accept the new one"
        moved = f"the repository may have changed it: {cure}"
        raise WeightsError(f"{address}: SHA-256 is {found}, and was {first} when it first came; {moved}")
    return path


def _here(address: Address) -> Path | None:
    """The file in the cache, if it ever came."""
    import huggingface_hub

    given = {"cache_dir": str(cache()), "revision": address.revision}
    found = huggingface_hub.try_to_load_from_cache(address.repo, address.file, **given)
    return Path(found) if isinstance(found, str) else None


def _downloaded(address: Address) -> Path:
    import huggingface_hub

    place: dict[str, Any] = {"cache_dir": str(cache()), "endpoint": endpoint()}
    try:
        with contextlib.suppress(AttributeError):
            huggingface_hub.utils.disable_progress_bars()
        return Path(huggingface_hub.hf_hub_download(address.repo, address.file, revision=address.revision, **place))
    except Exception as error:  # of a dozen types: no such repository, file or revision, no network, no permission
        if (kept := _here(address)) is not None and isinstance(error, (OSError, huggingface_hub.errors.HfHubHTTPError)):
            status = getattr(getattr(error, "response", None), "status_code", None)
            if status is None or status >= 500:  # the server is away: what came before is still right
                return kept
        told = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
        raise WeightsError(f"weights: {address} could not be fetched ({told})") from error


def _absent(address: Address) -> WeightsError:
    switch = "LOWFACE_OFFLINE=1" if os.environ.get("LOWFACE_OFFLINE") == "1" else "HF_HUB_OFFLINE"
    return WeightsError(f"weights: {address} is not in {cache()}, and {switch} forbids fetching it")
