"""An environment against its lock: every digest of every RECORD, names, versions, kernels; and torch as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import PurePosixPath

from rdna_installer.detect.torch import Distribution, Installed, installed_at, read_record
from rdna_installer.environments.lock import Lock
from rdna_installer.environments.proof import Found, differences, inside, kernels_lacking, listed, replaced
from rdna_installer.machine.sysroot import Sysroot, digested
from rdna_installer.model import Check, PythonSite, Status


def wrong_with(root: Sysroot, site: PythonSite, lock: Lock) -> Iterator[str]:
    """All that is not as the lock has it, as far as files can tell. To be called with rights to read them all."""
    yield from differences(lock, ((info.name, info.version) for info in distributions(root, site.site_packages)))
    for info in distributions(root, site.site_packages):
        yield from _of_record(root, site, info)
    if why := kernels_lacking(lock, site.torch):
        yield why


def distributions(root: Sysroot, site: PurePosixPath) -> tuple[Distribution, ...]:
    """Every distribution of a site-packages folder."""
    return Installed(site, site / "torch", tuple(root.names(site))).infos


def _of_record(root: Sysroot, site: PythonSite, info: Distribution) -> Iterator[str]:
    files, broken = listed(read_record(root, info).decode("utf-8", "surrogateescape"))
    if not files:
        yield f"{info.info.name}: it has no list of its files"
    for path in broken:
        yield f"{path}: its digest cannot be read"
    depth = len(site.site_packages.relative_to(site.prefix).parts)
    for file in files:
        place = site.site_packages / file.path
        if not inside(file.path, depth):
            yield f"{file.path}: outside the environment"
            continue
        try:
            if digested(root, place, file.algorithm, follow=False) != file.digest:
                yield f"{file.path}: not what its package holds"
        except OSError as err:
            yield f"{file.path}: {(err.strerror or str(err)).lower()}"


def torch_of(root: Sysroot, site: PythonSite) -> Found | None:
    """The torch that is in an environment now; None: none."""
    torch = installed_at(root, site.site_packages)
    if torch is None or site.torch is None:
        return None
    status = root.status(torch.own.info if torch.own else torch.folder)
    day = datetime.fromtimestamp(status.st_mtime, timezone.utc).strftime("%Y-%m-%d") if status else "an unknown day"
    by = (root.read_optional(torch.own.info / "INSTALLER") or "").strip() if torch.own else ""
    return Found(site.torch, day, by if by.isprintable() and by else "an unknown program")


def check_locked(root: Sysroot, site: PythonSite, lock: Lock, repair: str) -> Check:
    """Whether the torch of a committed environment is the locked one still."""
    line, have = f"environment:{site.prefix}", site.torch.version if site.torch else None
    why = replaced(lock, torch_of(root, site))
    return Check(line, Status.MISMATCH if why else Status.OK, lock.torch, have, why, repair if why else None)
