"""What the next generation is, computed from the one before, the changes and what is there now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from rdna_installer import __version__
from rdna_installer.change.records import Manifest
from rdna_installer.model import Change, FileState, Generation, Layer, Managed, Setting
from rdna_installer.record import replace

KEPT = 10  # newest generations, and as many of those the current one comes from
LABEL = "security.selinux"


def booted_with(current: Generation | None, boot_id: str | None) -> tuple[Setting, ...]:
    """Our kernel options that this boot began with: they run until the next, whatever the files say by now."""
    if current is None or boot_id is None:
        return ()
    if current.boot_id == boot_id:
        return current.booted
    return tuple(s for s in current.settings if s.layer is Layer.KERNEL)


def outcome(change: Change, found: FileState) -> FileState:
    """What will be at the path: with the label of what it replaces.

    A new file gets its label from the kernel: it is staged in the very directory it will be in.
    """
    after = change.after
    if not after.there:
        return FileState(change.path)
    if after.link is not None:
        return after
    named = {name for name, _ in after.xattrs}
    label = tuple((name, value) for name, value in found.xattrs if name == LABEL and name not in named)
    return replace(after, xattrs=(*after.xattrs, *label))


def next_managed(
    previous: Iterable[Managed], ways: Mapping[PurePosixPath, tuple[FileState, FileState]], number: int
) -> tuple[Managed, ...]:
    """The paths the new generation manages; ``ways`` maps path to (before, after).

    A path that is again what it was before us is managed no longer; one we removed stays, its origin must not be lost.
    """
    managed = {m.path: m for m in previous}
    for path, (before, after) in ways.items():
        known = managed.get(path)
        managed[path] = Managed(path, after, known.origin if known else before, number, __version__)
    return tuple(m for _, m in sorted(managed.items()) if not m.after.same_as(m.origin))


def split_directories(
    ours: Iterable[PurePosixPath], places: Iterable[PurePosixPath]
) -> tuple[tuple[PurePosixPath, ...], tuple[PurePosixPath, ...]]:
    """Directories we made: those some managed file (at ``places``) still needs, and the rest, innermost first."""
    needed = {parent for place in places for parent in place.parents}
    ours = sorted(set(ours))
    kept = tuple(path for path in ours if path in needed)
    return kept, tuple(path for path in reversed(ours) if path not in needed)


def before_us(time: str) -> Manifest:
    """Generation 0: the machine before us. It manages nothing; every generation carries the origins."""
    return Manifest(Generation("the machine before rdna-installer", time=time, before=()))


def ancestors(current: Generation | None) -> tuple[int, ...]:
    """What a generation made on top of ``current`` comes after, nearest first."""
    if current is None:
        return (0,)
    return (current.number, *(current.before or ()))


def contents(manifest: Manifest, written: Iterable[FileState]) -> dict[str, bytes]:
    """Every content the generation must hold, by digest: of what it manages, found and wrote.

    Raises ValueError where one is not filled in.
    """
    held: dict[str, bytes] = {}
    managed = (actual for m in manifest.generation.managed for actual in (m.after, m.origin))
    for actual in (*manifest.found, *written, *managed):
        if actual.digest is None:
            continue
        if actual.content is None:
            raise ValueError(f"no content of {actual.path} for {actual.digest}")
        held[actual.digest] = actual.content
    return held


def to_prune(numbers: Iterable[int], chain: Iterable[int]) -> tuple[int, ...]:
    """Generations to drop: all but 0, the newest, and the nearest of the ``chain`` that the current one comes from."""
    there = sorted(numbers)
    way = [n for n in chain if n in there and n != 0]
    keep = {0, *there[-KEPT:], *way[:KEPT]}
    return tuple(n for n in there if n not in keep)
