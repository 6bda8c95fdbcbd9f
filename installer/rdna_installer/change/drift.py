"""What somebody changed since we wrote it: shown, never silently overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.errors import RdnaError
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Drift, DriftKind, FileState, Generation, OnDrift


def drift(root: Sysroot, generation: Generation) -> tuple[Drift, ...]:
    """Managed paths that are not as the generation has them.

    Raises RdnaError("no-permission", …) where one cannot be looked at: unknown is not "no drift".
    """
    pairs = ((m.path, compare(m.after, read_actual(root, m.path))) for m in generation.managed)
    return tuple(Drift(path, *found) for path, found in pairs if found)


def compare(expected: FileState, found: FileState) -> tuple[DriftKind, str] | None:
    """How ``found`` differs from ``expected``, None when it does not."""
    if found.same_as(expected):
        return None
    if not found.there:
        return DriftKind.DELETED, "it is gone"
    if found.special is not None or (found.link is not None and expected.link is None):
        return DriftKind.REPLACED, f"replaced by {found.special or f'a link to {found.link}'}"
    if not expected.there:
        return DriftKind.EDITED, "somebody made a file where none should be"
    if (found.digest, found.link) != (expected.digest, expected.link):
        return DriftKind.EDITED, "its content was changed"
    return DriftKind.MODE, f"{_rights(expected)} became {_rights(found)}"


def _rights(actual: FileState) -> str:
    return f"{actual.mode:04o} {actual.owner}:{actual.group}"


def refuse(drifted: Sequence[Drift], on_drift: OnDrift) -> None:
    """Raises RdnaError("drift") when there is any and nothing was said about it."""
    if not drifted or on_drift is not OnDrift.REFUSE:
        return
    raise RdnaError(
        "drift",
        "somebody changed files since they were written",
        context=", ".join(f"{d.path} ({d.detail})" for d in drifted),
        hint="--keep leaves these files as they are; --overwrite replaces them and keeps theirs in the generation",
    )
