"""What proves that an environment is what its lock says, and says by what it was replaced since. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from rdna_installer.detect.torch import written_digest
from rdna_installer.environments.lock import Layout, Lock
from rdna_installer.model import Torch, TorchKind
from rdna_installer.record import record

KINDS = {
    TorchKind.CUDA: "a CUDA build, for NVIDIA cards", TorchKind.CPU: "a build for the processor alone",
    TorchKind.XPU: "a build for Intel cards", TorchKind.ROCM: "a ROCm build", TorchKind.UNKNOWN: "of an unknown kind",
}  # fmt: skip


@record(frozen=True)
class Listed:
    """A file of a RECORD: its path from site-packages, and what its digest must be."""

    path: str
    algorithm: str
    digest: bytes


@record(frozen=True)
class Found:
    """A torch that is where the locked one was: its version and kind, the day it came, and what installed it."""

    torch: Torch
    day: str
    installer: str


def listed(text: str) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """The files of a RECORD that have a digest, and lines that nobody can check: another algorithm, a broken digest."""
    import csv  # not for every command

    files, broken = [], []
    for row in csv.reader(text.splitlines()):
        if len(row) < 2 or not row[1]:
            continue
        if known := written_digest(row[1]):
            files.append(Listed(row[0], *known))
        else:
            broken.append(row[0])
    return tuple(files), tuple(broken)


def inside(path: str, depth: int) -> bool:
    """Whether a RECORD's path stays in an environment whose site-packages are ``depth`` directories below it."""
    whole = posixpath.normpath(path)
    return not whole.startswith("/") and whole.split("/").count("..") <= depth


def name_of(project: str) -> str:
    """A project as locks name it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", project).lower()


def _version(text: str) -> str:
    return re.sub(r"[-_]", ".", text.lower().strip())


def differences(lock: Lock, installed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Where the packages that are there are not those of the lock; what else is there does not matter."""
    have: dict[str, list[str]] = {}
    for project, version in installed:
        have.setdefault(name_of(project), []).append(version)
    wrong = []
    for file in lock.files:
        versions = have.get(file.name, [])
        if [_version(v) for v in versions] != [_version(file.version)]:
            wrong.append(f"{file.name} {file.version} is locked, and there is {' and '.join(versions) or 'none'}")
    return tuple(wrong)


def kernels_lacking(lock: Lock, torch: Torch | None) -> str | None:
    """Why the torch that is there has no code for the lock's target; None where it has, or needs none."""
    if torch is None:
        return "there is no torch in it"
    if lock.layout is Layout.CPU:
        return None
    if lock.target not in {name.partition(":")[0] for name in torch.gfx_targets}:
        why = f" ({torch.note})" if torch.note else ""
        return f"torch {torch.version} has no code for {lock.target}{why}"
    library = torch.rocblas
    if library.gfx_targets and lock.target not in library.gfx_targets:
        return f"its rocBLAS has no code for {lock.target}: the first matrix product would end the program"
    return None


def replaced(lock: Lock, found: Found | None) -> str | None:
    """What is said where the torch of an environment is not the locked one; None where it is."""
    if found is None:
        return f"torch {lock.torch} was removed"
    if _version(found.torch.version) == _version(lock.torch):
        return None
    kind = KINDS[found.torch.kind]
    return f"torch was replaced by {found.torch.version} ({kind}), on {found.day}, by {found.installer}"


def left_behind(before: Mapping[str, str], names: Iterable[str]) -> tuple[str, ...]:
    """Requirements of an environment that is left: what was in it, and is not among the ``names`` of the new one."""
    known = {*names} | {"pip", "setuptools", "wheel"}
    skipped = ("nvidia-", "cuda-", "amd-torch-", "rocm", "pytorch-triton", "triton")
    held = sorted((name_of(project), version) for project, version in before.items())
    return tuple(f"{n}=={v}" for n, v in held if n not in known and not n.startswith(skipped))
