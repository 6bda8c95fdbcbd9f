"""The lock of one environment: every file by name, version and digest; what pip is told, and what must be in it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated

from rdna_installer.codec import Form
from rdna_installer.errors import Problem
from rdna_installer.record import record

FORMAT = 1
NOT_AMD = ("nvidia-", "cuda-")  # how the packages of a CUDA torch begin
HEX = frozenset("0123456789abcdef")

Sha256 = Annotated[str, Form(lambda text: len(text) == 64 and set(text) <= HEX, "64 hexadecimal digits")]
Bytes = Annotated[int, Form(lambda n: 0 <= n < 1 << 48, "a number of bytes")]


class HashFrom(enum.Enum):
    """Who said what a file's digest is."""

    INDEX = "index"
    ARRIVAL = "arrival"  # the index publishes none: recorded when it came, trusted on first use


class Layout(enum.Enum):
    """How a set carries the kernels of a target (facts: TheRock's kpack splitter; pytorch's manywheel/build.sh)."""

    SPLIT = "amd-split"  # in amd-torch-device-<gfx>, beside rocm-sdk-device-<gfx>
    LIBRARIES = "rocm-libraries"  # torch's own inside torch, those of ROCm beside it (pytorch.org from ROCm 7.14)
    BUNDLED = "bundled"  # everything inside torch (pytorch.org up to ROCm 7.2)
    CPU = "cpu"  # none


@record(frozen=True)
class LockedFile:
    """One file. ``name`` is normalised (PEP 503); ``url`` None: it came out of a folder."""

    filename: str
    name: str
    version: str
    sha256: Sha256
    size: Bytes
    url: str | None
    hash_from: HashFrom
    sdist: bool = False


@record(frozen=True)
class Lock:
    """One complete set. ``python`` like "cp311"; ``index`` a URL or a folder; ``read``: the day its pages were read."""

    torch: str
    rocm: str | None
    target: str
    python: str
    index: str
    read: str
    files: tuple[LockedFile, ...]
    layout: Layout = Layout.SPLIT

    def file(self, name: str) -> LockedFile | None:
        """The file of a project, by its normalised name."""
        return next((file for file in self.files if file.name == name), None)


def requirements(lock: Lock, built: Iterable[LockedFile] = ()) -> str:
    """What ``pip install --require-hashes -r`` takes: the wheels. A source package is not in it; ``built``: the wheels
    that were made of such."""
    files = [*(file for file in lock.files if not file.sdist), *built]
    lines = sorted(f"{file.name}=={file.version} --hash=sha256:{file.sha256}" for file in files)
    return "".join(f"{line}\n" for line in lines)


def pieces(layout: Layout, target: str, torch: str, rocm: str | None) -> dict[str, str | None]:
    """The projects without which a set cannot work on ``target``, and their versions (None: any)."""
    found: dict[str, str | None] = {"torch": torch}
    if layout is Layout.SPLIT:
        found[f"amd-torch-device-{target}"] = torch
        found["triton"] = None
    if layout in (Layout.SPLIT, Layout.LIBRARIES):
        names = ("rocm", "rocm-sdk-core", "rocm-sdk-libraries", f"rocm-sdk-device-{target}")
        found |= dict.fromkeys(names, rocm if layout is Layout.SPLIT else None)
    return found


def expected(lock: Lock, target: str) -> tuple[Problem, ...]:
    """What is wrong with a lock for ``target``: a piece that is missing or of another version, or one that only a torch
    for other cards needs. () where it can be installed."""
    wrong = []
    for name, version in pieces(lock.layout, target, lock.torch, lock.rocm).items():
        file = lock.file(name)
        if file is None:
            wrong.append(f"{name} is missing")
        elif version not in (None, file.version):
            wrong.append(f"{name} is {file.version}, and the set is {version}")
    names = [file.name for file in lock.files]
    wrong += [f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    wrong += [f"{name} is for NVIDIA cards" for name in names if name.startswith(NOT_AMD)]
    wrong += [f"{file.filename} would run its own code" for file in lock.files if file.sdist and file.name != "rocm"]
    return tuple(Problem("set-not-whole", f"{text}: nothing of this set is installed", target) for text in wrong)
