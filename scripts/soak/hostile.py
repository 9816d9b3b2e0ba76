"""Archives and pickles that were made to do harm: none may write outside, run anything, or be read as a dataset."""

from __future__ import annotations

import builtins
import codecs
import importlib
import io
import itertools
import operator
import os
import pickle
import runpy
import shutil
import subprocess
import sys
import tarfile
import types
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch

from bakeoff.data.cifar_files import find_files
from bakeoff.data.npz import read_npz
from bakeoff.data.torchfile import read_torch_file
from bakeoff.data.unpickle import unpickle
from bakeoff.errors import BakeoffError

NAMES = ("../{}", "../../{}", "/tmp/{}", "a/../../{}", "./../{}", "..\\{}", "{}\0.bin", "//{}", "~/{}", "a\n/../{}")
KINDS = (tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"\xff")
LAYOUT = [("train.bin", "test.bin")]
MARK = "bakeoff-was-here"


@dataclass
class Tried:
    count: int = 0
    through: list[str] = field(default_factory=list)


def archives(folder: Path) -> Tried:
    """Paths that lead outside, links, devices, nameless kinds, in four compressions and in zip files."""
    tried, inside = Tried(), folder / "inside"
    inside.mkdir()
    for mode, kind, name in itertools.product(("w", "w:gz", "w:bz2", "w:xz"), KINDS, NAMES):
        path = inside / "x.tar"
        _tar(path, mode, kind, name.format(MARK))
        attempt(tried, f"{mode} {kind!r} {name!r}", partial(find_files, "cifar10", path, LAYOUT))
        path.unlink()
    for name in NAMES:
        path = inside / "x.npz"
        with zipfile.ZipFile(path, "w") as out:
            out.writestr(name.format(MARK), b"x")
        attempt(tried, f"zip {name!r}", partial(read_npz, path, [MARK]), refused=False)
        path.unlink()
    left = [*folder.rglob(f"*{MARK}*"), *Path("/tmp").glob(f"*{MARK}*"), *Path.home().glob(f"*{MARK}*")]
    tried.through += [f"written: {path}" for path in left] + [f"left: {path}" for path in inside.iterdir()]
    return tried


def _tar(path: Path, mode: str, kind: bytes, name: str) -> None:
    with tarfile.open(path, mode, **({"preset": 0} if mode == "w:xz" else {})) as out:  # type: ignore[call-overload]
        info = tarfile.TarInfo(f"{name}/train.bin")
        info.type, info.linkname = kind, f"/tmp/{MARK}"
        info.size = 4 if kind == tarfile.REGTYPE else 0
        out.addfile(info, io.BytesIO(b"evil"))


def attempt(tried: Tried, name: str, read: Callable[[], object], *, refused: bool = True) -> None:
    """`read` must raise a BakeoffError; `refused`: must raise at all."""
    tried.count += 1
    try:
        read()
    except BakeoffError:
        return
    except Exception as error:
        tried.through.append(f"{name}: {type(error).__name__}: {error}")
        return
    if refused:
        tried.through.append(f"{name}: was read")


class _Gadget:
    """What pickle makes of this is a call."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._what = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._what


def gadgets(mark: Path) -> Iterator[tuple[str, bytes]]:
    """(name, pickle) of ways to run something, each of which would leave `mark`."""
    touch, code = f"touch {mark}", f"open({str(mark)!r}, 'w')"
    calls: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (os.system, (touch,)),
        (subprocess.call, (["touch", str(mark)],)),
        (subprocess.Popen, (["touch", str(mark)],)),
        (subprocess.check_output, (["touch", str(mark)],)),
        (os.popen, (touch,)),
        (os.mkdir, (str(mark),)),
        (os.mknod, (str(mark),)),
        (builtins.eval, (code,)),
        (builtins.exec, (code,)),
        (builtins.open, (str(mark), "w")),
        (io.open_code, (str(mark),)),
        (builtins.__import__, ("antigravity",)),
        (importlib.import_module, ("this",)),
        (operator.attrgetter, ("system",)),
        (operator.methodcaller, ("system", touch)),
        (codecs.open, (str(mark), "w")),
        (runpy.run_path, (str(mark),)),
        (shutil.copyfile, ("/etc/passwd", str(mark))),
        (np.fromfile, ("/etc/passwd",)),
        (np.save, (str(mark), np.zeros(1))),
        (np.load, (str(mark),)),
        (torch.load, (str(mark),)),
        (torch.save, (1, str(mark))),
        (pickle.loads, (b"cos\nsystem\n(S'true'\ntR.",)),
        (types.SimpleNamespace, ()),
        (sys.setrecursionlimit, (10,)),
    ]
    for function, arguments in calls:
        for protocol in (0, 2, 4):
            name = f"{function.__module__}.{function.__qualname__} in protocol {protocol}"
            yield name, pickle.dumps({b"data": _Gadget(function, *arguments)}, protocol)
    for name, text in {"INST": f"(S'{touch}'\nios\nsystem\n.", "GLOBAL": f"cos\nsystem\n(S'{touch}'\ntR."}.items():
        yield name, text.encode()


def pickles(folder: Path) -> Tried:
    """Each gadget as a CIFAR file, as a file of weights in both of PyTorch's forms, and as an array of objects."""
    tried, mark = Tried(), folder / MARK
    for name, content in gadgets(mark):
        for way, read in _ways(folder, content).items():
            attempt(tried, f"{name} as {way}", read)
            if mark.exists():
                tried.through.append(f"{name} as {way}: ran")
                mark.unlink()
    return tried


def _ways(folder: Path, content: bytes) -> dict[str, Callable[[], object]]:
    plain, zipped, array = folder / "x.pt", folder / "y.pt", folder / "x.npz"
    plain.write_bytes(content)
    with zipfile.ZipFile(zipped, "w") as out:
        out.writestr("archive/data.pkl", content)
        out.writestr("archive/version", "3")
    with zipfile.ZipFile(array, "w") as out:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|O", "fortran_order": False, "shape": (1,)})
        out.writestr("a.npy", header.getvalue() + content)
    return {
        "a CIFAR file": lambda: unpickle(content, "x"),
        "weights": lambda: read_torch_file(plain),
        "zipped weights": lambda: read_torch_file(zipped),
        "an array": lambda: read_npz(array, ["a"]),
    }
