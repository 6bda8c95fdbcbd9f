"""After an upgrade of this program nothing on the machine has changed: what the same apply would change now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from rdna_installer import __version__
from rdna_installer.errors import RdnaError
from rdna_installer.model import Generation
from rdna_installer.record import record
from rdna_installer.workflow.planning import Job, make_plan


@record(frozen=True)
class Upgrade:
    """``versions`` wrote what is in force; ``problem``: why the same apply cannot be planned, or would be refused."""

    versions: tuple[str, ...]
    words: tuple[str, ...]
    changes: tuple[PurePosixPath, ...]
    problem: str | None = None


def look_again(stale: Sequence[Generation], job: Callable[[tuple[str, ...]], Job]) -> Upgrade:
    """Plan what the latest of the generations was asked for; ``job`` makes one of an apply's options."""
    versions = tuple(sorted({m.version for g in stale for m in g.managed} - {__version__}))
    words = max(stale, key=lambda g: g.time).words
    try:
        planned = make_plan(job(words))
    except RdnaError as err:
        return Upgrade(versions, words, (), err.message)
    changes = tuple(change.path for change in planned.plan.changes)
    return Upgrade(versions, words, changes, planned.refusal.message if planned.refusal else None)
