"""Downloads of datasets: official host, then mirrors; goes on where it stopped; SHA-256 checked before use."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pooch
import requests

from bakeoff.data.cifar_files import ARCHIVES
from bakeoff.data.stream import in_words, shown
from bakeoff.errors import DataError, UsageError, nearest
from bakeoff.lease import lease

Watch = Callable[[str, int, int | None], None]
"""Called with (address, bytes so far, bytes in all or None)."""

_OFFICIAL = "https://www.cs.toronto.edu/~kriz"
HOSTS = {
    "cifar-10-binary.tar.gz": (
        _OFFICIAL,
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets",
    ),
    "cifar-10-python.tar.gz": (_OFFICIAL, "https://dataset.bj.bcebos.com/cifar"),
    "cifar-100-binary.tar.gz": (_OFFICIAL,),
    "cifar-100-python.tar.gz": (_OFFICIAL, "https://dataset.bj.bcebos.com/cifar"),
}
TIMEOUT_S = 30
_CHUNK = 1 << 16


def fetchable() -> list[str]:
    return sorted(ARCHIVES)


def fetch(name: str, folder: Path, *, mirrors: Sequence[str] = (), watch: Watch | None = None) -> Path:
    """Download one official archive of `name` into `folder` and return its path; nothing is loaded if it is there, and
    while another process downloads it, its end is waited for.

    `mirrors`: addresses of folders that hold the archive, tried first. Raises UsageError for a name that cannot be
    fetched and DataError, with what each address answered, if none gave the published content.
    """
    if name not in ARCHIVES:
        raise UsageError(f"{name!r} cannot be fetched{nearest(name, fetchable())}")
    answers = []
    for archive, sha256 in ARCHIVES[name].items():
        with _alone(folder / f"{archive}.lock"):
            for host in (*mirrors, *HOSTS[archive]):
                address = f"{host.rstrip('/')}/{archive}"
                try:
                    return _retrieve(address, sha256, folder, archive, watch)
                except (requests.RequestException, ValueError, OSError) as error:
                    answers.append(f"{address}: {_reason(error)}")
    raise DataError(f"{name} could not be fetched; " + "; ".join(answers))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two that write one `.part` would make of it what neither asked for."""
    with lease(lock, wait=True):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _retrieve(address: str, sha256: str, folder: Path, archive: str, watch: Watch | None) -> Path:
    pooch.get_logger().setLevel(logging.ERROR)
    part = folder / f"{archive}.part"
    download = _Resuming(part, watch)
    try:
        found = pooch.retrieve(address, f"sha256:{sha256}", fname=archive, path=folder, downloader=download)
    except ValueError:
        if download.complete:  # the sum is wrong: going on from these bytes would never help
            part.unlink(missing_ok=True)
        raise
    part.unlink(missing_ok=True)
    return Path(found)


class _Resuming:
    """A downloader for pooch that keeps what came in `part` and asks for the rest. `complete`: all of it came."""

    def __init__(self, part: Path, watch: Watch | None) -> None:
        self._part, self._watch = part, watch
        self.complete = False

    def __call__(self, url: str, output_file: Any, _pooch: Any) -> None:
        have = self._part.stat().st_size if self._part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
            # If there is no such rest, the part is whole, or of another file: its sum will tell.
            if answer.status_code != requests.codes.requested_range_not_satisfiable:
                answer.raise_for_status()
                if answer.status_code != requests.codes.partial_content:
                    have = 0
                self._receive(answer, have, url)
        with self._part.open("rb") as source, Path(output_file).open("wb") as target:
            shutil.copyfileobj(source, target)
        self.complete = True

    def _receive(self, answer: requests.Response, have: int, url: str) -> None:
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else None
        with self._part.open("ab" if have else "wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if self._watch is not None:
                    self._watch(url, have, total)
        if total is not None and have < total:
            raise requests.ConnectionError(f"stopped after {have:,} of {total:,} bytes")


def _reason(error: Exception) -> str:
    """What a person can use of it: requests and pooch tell long stories."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError) and not str(error).startswith("stopped"):
        return "cannot be reached"
    if isinstance(error, ValueError) and "hash" in str(error):
        return "sent something else than the published file (SHA-256 differs)"
    return shown(in_words(error))
