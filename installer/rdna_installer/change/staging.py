"""Prepare a transaction: record, backups, and new content beside each target. No target is touched here.

What the next generation is, is computed from the one before, the changes and what is there now: pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer import __version__, codec
from rdna_installer.change import records
from rdna_installer.change.records import CURRENT, MANIFEST, RESTORE, Manifest, Undo, UndoEntry, to_write
from rdna_installer.change.rescue import Ways, renewed, restore_script, ways_back
from rdna_installer.change.store import LIBRARIES, Store, now, read_blob
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder, missing_folders, resolve
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.model import ADOPTED, Change, FileState, Generation, Layer, Managed, Setting, Step, bulky
from rdna_installer.record import record, replace

KEPT = 10  # newest generations, and as many of those the current one comes from
LABEL = "security.selinux"
STAMP = re.compile(rb"# Written by rdna-installer (\S+), generation (\d{1,9})\.")  # templates/header.j2


@record(frozen=True)
class Draft:
    """A transaction worked out in memory."""

    undo: Undo
    manifest: Manifest
    restore: bytes


def draft(
    store: Store,
    changes: Sequence[Change],
    wish: Generation,
    steps: Sequence[Step],
    *,
    replace_links: bool,
    coordinator: str = records.ALONE,
) -> Draft:
    """Check that everything is as it was planned, and work out record and manifest. Writes nothing but a log line.
    Raises RdnaError("changed-meanwhile", "not-a-file", "not-yours", "duplicate-path", "unsafe-directory"),
    OSError."""
    steps = tuple(replace(step, programs=()) for step in steps)  # looked up anew for each run
    after = store.own(change.after for change in changes)
    changes = [replace(change, after=mine) for change, mine in zip(changes, after, strict=True)]
    parents = {path: resolve(store.root, path / "x").parent for path in {change.path.parent for change in changes}}
    places = {change.path: parents[change.path.parent] / change.path.name for change in changes}
    last = max(store.numbers(), default=None)
    current, directories = (None, ()) if last is None else (store.load(last), store.manifest(last).directories)
    previous = current.managed if current else ()
    ours = {m.path for m in previous if m.after.link is not None}  # and no link of somebody's that leads elsewhere
    found = {change.path: FileState(change.path) for change in changes}
    for folder, path in durable.by_folder(store.root, [(places[p], p) for p in found], gone=True, loose=None):
        found[path] = _look(folder, path, replace_links or path in ours)
        if store.user is not None and found[path].there and found[path].owner != store.user.uid:
            raise _not_his(path, found[path].owner, store.user.name)
    if len(found) != len(changes):
        raise RdnaError("duplicate-path", "two changes for the same file", exit_code=Exit.BUG)
    _require_unchanged(changes, found)
    ways = {c.path: (found[c.path], outcome(c, found[c.path])) for c in changes}
    if wish.before is None:  # who goes back goes to what there was: an edit on the way is saved, as of any file
        previous = renewed(previous, ways)
    moves = ((p, before, after) for p, (before, after) in ways.items() if not before.same_as(after))
    entries = records.name_entries((places[p], before, after) for p, before, after in moves)
    number = (last or 0) + 1
    # Who goes back to an adoption adopts again, and again those files are no files of ours.
    earlier = [m for g in store.generations() for m in g.managed if not m.ours] if wish.stands_for else []
    adopted = {p for p, (_, after) in ways.items() if any(m.path == p and m.after.same_as(after) for m in earlier)}
    managed = next_managed(previous, ways, number, {*ways} if wish.reason == ADOPTED else adopted)
    needed = dict.fromkeys(e.place.parent for e in entries if e.staged)
    made = tuple(dict.fromkeys(p for folder in needed for p in missing_folders(store.root, folder)))
    still = {m.path.parent for m in managed if m.after.there}
    homes = (parents.get(path) or resolve(store.root, path / "x").parent for path in still)
    kept, dropped = split_directories((*directories, *made), homes)
    above = (current.number, *(current.before or ())) if current else (0,)
    generation = replace(
        wish,
        number=number,
        time=now(),
        managed=managed,
        pending=steps,
        before=above if wish.before is None else wish.before,
        stands_for=wish.stands_for or wish.change,
    )
    with store.folder() as base:
        had_current = base.status(CURRENT) is not None
    undo = Undo(number, wish.reason, entries, made, dropped, steps, had_current, wish.change, coordinator)
    folders = sorted({*kept, *dropped}, reverse=True)
    store.log(f"begin generation {number} ({undo.reason}): {len(entries)} change(s)")
    restore = restore_script(number, durable.ourselves().owner, ways_back(previous, ways), folders)
    return Draft(undo, Manifest(generation, tuple(found.values()), kept, codec.digest(restore)), restore)


def _look(folder: Folder, path: PurePosixPath, replace_links: bool) -> FileState:
    """What is there. At the very place that is recorded: only what could be opened once can be put back later."""
    actual = folder.actual(path)
    kind = "a link" if actual.link is not None and not replace_links else actual.special
    if kind is not None:
        hint = "--overwrite replaces the link (it is saved in the history)" if kind == "a link" else "move it away"
        message = f"{kind} is where a file is to be written"
        raise RdnaError("not-a-file", message, context=str(path), hint=hint)
    return actual


def _not_his(path: PurePosixPath, owner: int, name: str) -> RdnaError:
    """Without root's rights it could not be put back as it was."""
    hint = f"give it to {name}, then run it again: sudo chown -h {name} {shlex.quote(str(path))}"
    return RdnaError("not-yours", f"{path} belongs to uid {owner}, not to {name}", context=str(path), hint=hint)


def _require_unchanged(changes: Sequence[Change], found: Mapping[PurePosixPath, FileState]) -> None:
    moved = [str(c.path) for c in changes if not found[c.path].same_as(c.before)]
    if moved:
        message = "changed after the plan was made; nothing was written"
        raise RdnaError("changed-meanwhile", message, context=", ".join(moved), hint="run it again")


def prepare(store: Store, work: Draft, interrupts: Interrupts, public: Mapping[str, bytes] | None = None) -> None:
    """Write ``tx.new`` and stage everything; ``public``: more records that all may read once they are published.
    Raises OSError, KeyboardInterrupt: the caller then cleans up."""
    _generation_zero(store)
    with store.folder() as base:
        durable.make_folder(base, records.PREPARING, *_private())
    _write_records(store, work, public or {})
    # Only now may staging files appear: the record that names them is on the disk.
    interrupts.check()
    for path in work.undo.made:
        first = next(e.after for e in work.undo.entries if path in e.place.parents)  # they are its file's owner's
        with Folder.at(store.root, path.parent) as above:
            durable.make_folder(above, path.name, 0o755, first.owner, first.group, synced=False)
    # Who finds the transaction open and not these directories has nothing to undo in them: the swap syncs them.
    for folder, entry in durable.by_folder(store.root, work.undo.places(), loose=set(work.undo.made)):
        interrupts.check()
        _stage(store, folder, entry)


def _private() -> tuple[int, int, int]:
    mine = durable.ourselves()
    return 0o700, mine.owner, mine.group


def _generation_zero(store: Store) -> None:
    if 0 in store.numbers():
        return
    with store.folder() as base:
        durable.make_folder(base, records.RUBBISH, *_private())
        with base.child(records.RUBBISH) as zero:
            # The machine before us: it manages nothing; every generation carries the origins.
            before_us = Generation("before rdna-installer", time=now(), before=())
            durable.write_tree(zero, {MANIFEST: records.dump(Manifest(before_us))})
    store.turn(records.RUBBISH, "generations/0")


def _write_records(store: Store, work: Draft, public: Mapping[str, bytes]) -> None:
    with store.folder() as base, store.folder(records.PREPARING) as tx:
        durable.make_folder(tx, "blobs", *_private())
        with tx.child("blobs") as blobs:
            held = contents((*work.manifest.states, *work.undo.states))
            durable.write_tree(blobs, {records.blob_name(digest): content for digest, content in held.items()})
            _hold_bulky(store, blobs, work)
        if work.undo.had_current:
            durable.write_tree(tx, {records.CURRENT_OLD: base.read(CURRENT)}, 0o644)
        durable.write_tree(tx, {**_publications(work.manifest.generation), **public}, 0o644)
        manifest = {MANIFEST: records.dump(to_write(work.manifest))}
        durable.write_tree(tx, manifest | ({records.PENDING: b""} if work.undo.steps else {}))
        durable.write_tree(tx, {RESTORE: work.restore}, 0o700)
        # Last and atomic: without a whole record there are no staging files.
        durable.replace(tx, records.UNDO, records.dump(to_write(work.undo)), 0o600)


def bring(store: Store, source: PurePosixPath, look: FileState) -> None:
    """Copy a file that is too large for memory into the state, where the change to ``look`` takes it from.
    Raises RdnaError: what the disk says; "changed-meanwhile" where it is another by now (exit 1)."""
    with explaining(Exit.FAILED, note="nothing was changed"):
        store.make()
        durable.make_folders(store.root, store.base / LIBRARIES, 0o700)
        with store.folder(LIBRARIES) as into, Folder.open(store.root, source.parent) as folder:
            _take(folder, source.name, into, records.blob_name(look.digest or ""))


def _take(folder: Folder, name: str, into: Folder, made: str) -> None:
    durable.discard(into, made)
    durable.copy(folder, name, into, made, durable.ourselves())
    if durable.file_digest(into, made)[0] != made:
        message, place = "the file was changed while it was read; nothing was done", str(folder.place / name)
        raise RdnaError("changed-meanwhile", message, context=place, hint="run it again", exit_code=Exit.FAILED)


def _hold_bulky(store: Store, blobs: Folder, work: Draft) -> None:
    """The contents that are too large for memory: links to what an earlier generation holds or what was brought, or a
    copy of what is in place: its owner may write into that. Raises RdnaError("state-corrupted"): one is not whole."""
    states = (*work.manifest.states, *work.undo.states)
    needed = {s.digest: s for s in states if s.digest is not None and bulky(s.path)}
    for digest, state in needed.items():
        name = records.blob_name(digest)
        within = [(LIBRARIES,), *(("generations", str(n), "blobs") for n in reversed(store.numbers()))]
        holder = next((names for names in within if store.root.exists(store.base.joinpath(*names, name))), None)
        placed = next((e for e in work.undo.entries if e.before.digest == digest), None)
        if holder is not None:
            with store.folder(*holder) as folder:
                durable.keep(folder, name, name, state, blobs)
            if durable.file_digest(blobs, name)[0] != name:
                raise records.corrupted(store.base.joinpath(*holder, name), "its content does not fit its name")
        elif placed is not None:
            with Folder.at(store.root, placed.place.parent) as folder:
                _take(folder, placed.place.name, blobs, name)
        else:
            raise records.corrupted(store.base / "generations", f"the content of {state.path} is missing")
    if needed:
        durable.sync(blobs)


def _publications(generation: Generation) -> dict[str, bytes]:
    """Both public records, written beforehand: publishing and finishing are renames, which need no space."""
    public = records.for_all_to_read(generation)
    texts = {records.CURRENT_DONE: records.dump(replace(public, pending=()))}
    if generation.pending:
        texts[records.CURRENT_PENDING] = records.dump(public)
    return texts


def _stage(store: Store, folder: Folder, entry: UndoEntry) -> None:
    if entry.staged:
        status = folder.status(entry.place.name)
        since = status and int(status.st_mtime)
        make(store, records.PREPARING, folder, entry.staged, entry.after, since)
        if entry.kept:
            durable.keep(folder, entry.place.name, entry.kept, entry.before)


def make(store: Store, state: str, folder: Folder, name: str, shall: FileState, newer: int | None = None) -> None:
    """Make what shall be, at ``name``: a link, or a file whose content the transaction's directory ``state`` has."""
    if shall.link is not None:
        durable.create_link(folder, name, shall.link, shall)
    elif shall.digest is not None and bulky(shall.path):
        with store.folder(state, "blobs") as blobs:
            durable.copy(blobs, records.blob_name(shall.digest), folder, name, shall)
    else:
        held = shall.content
        content = read_blob(store, store.base / state, shall.digest or "") if held is None else held
        durable.create(folder, name, content, shall, newer_than=newer)


def booted_with(current: Generation | None, boot_id: str | None) -> tuple[Setting, ...]:
    """Our kernel options that this boot began with: they run until the next, whatever the files say by now."""
    if current is None or boot_id is None:
        return ()
    booted = (s for s in current.settings if s.layer is Layer.KERNEL)
    return current.booted if current.boot_id == boot_id else tuple(booted)


def outcome(change: Change, found: FileState) -> FileState:
    """What will be at the path: with the label of what it replaces.
    A new file gets its label from the kernel: it is staged in the very directory it will be in."""
    after = change.after
    if not after.there:
        return FileState(change.path)
    if after.link is not None:
        return after
    named = {name for name, _ in after.xattrs}
    label = tuple((name, value) for name, value in found.xattrs if name == LABEL and name not in named)
    return replace(after, xattrs=(*after.xattrs, *label))


def next_managed(
    previous: Iterable[Managed], ways: Ways, number: int, adopted: Collection[PurePosixPath] = ()
) -> tuple[Managed, ...]:
    """The paths the new generation manages; ``ways`` maps path to (before, after). A path that is again what it was
    before us is managed no longer; one we removed stays, its origin must not be lost. What is written again as it was
    (by a rollback) is of the change that its head names: a plan compares it with that."""
    managed = {m.path: m for m in previous}
    for path, (before, after) in ways.items():
        known = managed.get(path)
        stamp = None if path in adopted else STAMP.search(after.content or b"")
        written = (int(stamp[2]), stamp[1].decode()) if stamp else (number, ADOPTED if path in adopted else __version__)
        managed[path] = Managed(path, after, before if known is None else known.origin, *written)
    return tuple(m for _, m in sorted(managed.items()) if not m.after.same_as(m.origin))


def split_directories(
    ours: Iterable[PurePosixPath], places: Iterable[PurePosixPath]
) -> tuple[tuple[PurePosixPath, ...], tuple[PurePosixPath, ...]]:
    """Directories we made: those that managed files are still in (``places``), and the rest, innermost first."""
    needed = {parent for place in places for parent in (place, *place.parents)}
    ours = sorted(set(ours))
    kept = tuple(path for path in ours if path in needed)
    return kept, tuple(path for path in reversed(ours) if path not in needed)


def contents(states: Iterable[FileState]) -> dict[str, bytes]:
    """The contents a generation must hold, but for bulky ones, by digest. Raises ValueError for one not filled in."""
    held: dict[str, bytes] = {}
    for actual in states:
        if actual.digest is None or bulky(actual.path):
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
