"""What a generation's directory says about itself: self-contained, so that pruning others never loses anything."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.change.records import Data, actual_data, actual_of, generation_data, generation_of, inside, need
from rdna_installer.model import Actual, Generation
from rdna_installer.record import record

MANIFEST = "manifest.json"
CURRENT = "current.json"  # in the state directory: the generation in force, readable by all
# In a transaction's directory: current.json as it was, while activation is pending, and afterwards. Written before
# anything is touched, so that publishing and taking back are renames.
CURRENT_OLD, CURRENT_PENDING, CURRENT_DONE = "current.old", "current.pending", "current.done"
PENDING = "pending"  # in a generation's directory: its activation is not done yet


@record(frozen=True)
class Manifest:
    """A generation, what its transaction found (``before``: foreign edits too), and the directories that are ours."""

    generation: Generation
    before: tuple[Actual, ...] = ()
    directories: tuple[PurePosixPath, ...] = ()


def manifest_data(manifest: Manifest) -> Data:
    """The manifest as plain data; contents are blobs beside it."""
    return {
        "format": 1,
        "generation": generation_data(manifest.generation),
        "before": [{"path": str(a.path), "was": actual_data(a)} for a in manifest.before],
        "directories": [str(path) for path in manifest.directories],
    }


def manifest_of(data: Data) -> Manifest:
    """Back from ``manifest_data``. Raises KeyError, TypeError, ValueError."""
    return Manifest(
        generation_of(need(data, "generation", dict)),
        tuple(actual_of(inside(item["path"]), item["was"]) for item in need(data, "before", list)),
        tuple(inside(path) for path in need(data, "directories", list)),
    )
