"""What a generation's directory says about itself: self-contained, so that pruning others never loses anything."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.change.records import for_manifest, without_contents
from rdna_installer.codec import Digest
from rdna_installer.model import FileState, Generation
from rdna_installer.record import record, replace

MANIFEST = "manifest.json"
CURRENT = "current.json"  # in the state directory: the generation in force, readable by all
# In a transaction's directory: current.json as it was, while activation is pending, and afterwards. Written before
# anything is touched, so that publishing and taking back are renames.
CURRENT_OLD, CURRENT_PENDING, CURRENT_DONE = "current.old", "current.pending", "current.done"
PENDING = "pending"  # in a generation's directory: its activation is not done yet


@record(frozen=True)
class Manifest:
    """A generation, what its transaction ``found`` (foreign edits too), and the directories that are ours."""

    generation: Generation
    found: tuple[FileState, ...] = ()
    directories: tuple[PurePosixPath, ...] = ()
    restore: Digest | None = None  # of the restore.sh beside it; 0.1.0 did not write it


def to_write(manifest: Manifest) -> Manifest:
    """The manifest as its file has it: contents are blobs beside it."""
    return replace(manifest, generation=for_manifest(manifest.generation), found=without_contents(manifest.found))
