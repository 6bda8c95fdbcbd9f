"""Whether a state can be believed: every record by its checksum, every content by its name, every managed file.

Reads only. Where something is damaged it says what still is safe, and the line that brings the machine before us back
without this program: the newest ``restore.sh`` that is whole, with all the contents that it needs. Of a user's state
that is for this user: who may write there may have written the script.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from rdna_installer import codec
from rdna_installer.change import records
from rdna_installer.change.boot_counting import RESULT, BootResult
from rdna_installer.change.outcomes import OUTCOMES, Outcomes
from rdna_installer.change.records import CURRENT, MANIFEST, RESTORE, Manifest, Undo
from rdna_installer.change.store import Store, exposed
from rdna_installer.errors import RdnaError
from rdna_installer.machine.folder import read_all
from rdna_installer.machine.sysroot import Sysroot, digest_of
from rdna_installer.model import Drift, DriftKind, FileState, Generation, OnDrift, User
from rdna_installer.record import record

LIMIT = 1 << 26  # bytes of one file
ORIGIN = r"(?m)^ {4}\S+ (?:'[^']*'|\S+) '?file:([0-9a-f]{64})'?"
END = re.compile(r"^main \d+ \d+ \"\$@\"\n\Z", re.MULTILINE)


@record(frozen=True)
class Damage:
    """One file of the state, and what is wrong with it."""

    place: PurePosixPath
    why: str


@record(frozen=True)
class Soundness:
    """``safe``: directories of the state that are whole. ``script``: the rescue, None where none is whole.
    ``restore``: its command line for who asks, None where there is none for him. ``newer``: it is not of the newest
    generation, so what only later ones wrote would stay. ``unfinished``: a change is being made, or was broken off:
    until that is over nothing can be said of the files. ``take_back``: others can change the state, so none of it is
    safe; the command that ends that."""

    damaged: tuple[Damage, ...] = ()
    safe: tuple[PurePosixPath, ...] = ()
    script: PurePosixPath | None = None
    restore: str | None = None
    newer: bool = False
    drift: tuple[Drift, ...] = ()
    unfinished: bool = False
    take_back: str | None = None

    @property
    def ok(self) -> bool:
        """Whether all can be believed, and every managed file is as we wrote it."""
        return not (self.damaged or self.drift or self.unfinished)


def check(store: Store, *, files: bool = True) -> Soundness:
    """Look at everything (``files``: that we manage too). Raises RdnaError("no-permission") for who may not."""
    if not store.exists or store.purging:
        return Soundness()
    folders, safe = _folders(store), []
    open_ = [*_exposed(store, folders)]
    found = [*open_, *_public(store)]
    for folder in folders:
        wrong = [*_folder(store, folder)]
        found += wrong
        safe += [] if wrong else [folder]
    restore = next((f for f in folders if _restores(store, f)), None) if found and not open_ else None
    newest = restore == next((f for f in folders if f.name != "0"), None)
    found = list({damage.place: damage for damage in reversed(found)}.values())[::-1]  # each file once
    drifted: tuple[Drift, ...] = ()
    unfinished = store.unfinished()
    with contextlib.suppress(RdnaError):  # damaged: said already
        drifted = with_drift(store)[1] if files and not unfinished else ()
    newer, script = restore is not None and not newest, restore and restore / RESTORE
    back = _take_back(store) if open_ else None
    return Soundness(tuple(found), () if open_ else tuple(safe), script, None, newer, drifted, unfinished, back)


def way_back(store: Store, script: PurePosixPath, asker: User) -> str | None:
    """The command line that runs a script of this state, for ``asker``: with no more rights than who could write it.
    None where more people than root could. For our own process: what a child of another says is no command."""
    import shlex  # both only where one is shown

    from rdna_installer.machine.whose import not_roots

    user, ours = store.user, os.geteuid()
    if user is None and ours == 0 and not_roots(store.root, script):
        return None
    # Not looked at as root, and no terminal of root's for it: keys could be put into that.
    place = store.root.path(script) if user is None else store.root.root.joinpath(*script.parts[1:])
    drop = f"setsid -w setpriv --reuid={user.uid} --regid={user.gid} --clear-groups " if user and ours == 0 else ""
    rights = "" if user and user.uid == asker.uid else f"sudo {drop}" if asker.uid != ours else drop
    below = () if store.root.live else ("--root", str(store.root.root))
    return rights + shlex.join(["sh", str(place), *below])


def _exposed(store: Store, folders: Sequence[PurePosixPath]) -> Iterator[Damage]:
    """What others could have changed, whole as it may look: as it was made, nothing of it is open to anybody."""
    names = ("generations", "format", CURRENT, OUTCOMES, RESULT)
    for place in (store.base, *(store.base / name for name in names), *folders):
        status = store.root.status(place)
        if status is not None and (why := exposed(store.root, status, store.user)):
            yield Damage(place, why)


def _take_back(store: Store) -> str:
    import shlex

    place, user = shlex.quote(str(store.root.path(store.base))), store.user
    owner = f"{user.uid}:{user.gid}" if user else "root:root"
    return f"sudo chown -R {owner} {place} && sudo chmod -R go-w {place}"


def _folders(store: Store) -> list[PurePosixPath]:
    """What has records of a transaction, the newest first: an open one knows all of the generations before it."""
    numbers = reversed(store.root.numbers(store.base / "generations"))
    transient = (store.base / name for name in (records.BACK, records.OPEN, records.PREPARING))
    return [
        *(f for f in transient if store.root.exists(f / records.UNDO) or store.root.exists(f / RESTORE)),
        *(store.base / "generations" / str(number) for number in numbers),
    ]


def _public(store: Store) -> Iterator[Damage]:
    """The records in the state directory itself; what is not there is no damage but where generations need it."""
    yield from _try(store.base / "format", store.check_format)
    for name, kind in ((CURRENT, Generation), (OUTCOMES, Outcomes), (RESULT, BootResult)):
        place = store.base / name
        if store.root.status(place, follow=False) is not None:
            yield from _try(place, lambda place=place, kind=kind: _parse(store, kind, place))  # type: ignore[misc]
        elif name == CURRENT and max(store.numbers(), default=0) and not store.needs_recovery():
            yield Damage(place, "it is missing")


def _folder(store: Store, folder: PurePosixPath) -> Iterator[Damage]:
    held: list[FileState] = []
    for name, kind in ((MANIFEST, Manifest), (records.UNDO, Undo)):
        place = folder / name
        if not store.root.exists(place):
            if name == MANIFEST and folder.name != records.PREPARING:
                yield Damage(place, "it is missing")
            continue
        yield from _try(place, lambda place=place, kind=kind: held.extend(_parse(store, kind, place).states))  # type: ignore[misc]
    yield from _blobs(store, folder, {s.digest for s in held if s.digest is not None})
    if folder.name.isdigit() and folder.name != "0" and not _whole_script(store, folder):
        yield Damage(folder / RESTORE, "it is missing or not whole")


def _blobs(store: Store, folder: PurePosixPath, needed: set[str]) -> Iterator[Damage]:
    there = {name for name in store.root.names(folder / "blobs") if codec.is_digest(f"sha256:{name}")}
    if folder.name != records.PREPARING:
        for name in sorted({records.blob_name(digest) for digest in needed} - there):
            yield Damage(folder / "blobs" / name, "it is missing")
    for name in sorted(there):
        if not _sound_blob(store, folder, name):
            yield Damage(folder / "blobs" / name, "its content does not fit its name")


def _parse(store: Store, kind: type[Any], place: PurePosixPath) -> Any:
    found = records.parse(kind, store.root.read_bytes(place, limit=LIMIT), place)
    if isinstance(found, Manifest) and place.parent.name.isdigit():
        if found.generation.number != int(place.parent.name):
            raise records.corrupted(place, f"it is of generation {found.generation.number}")
        script = place.with_name(RESTORE)  # one that is missing is said by itself
        known = found.restore is not None and store.root.exists(script)
        if known and codec.digest(store.root.read_bytes(script)) != found.restore:
            raise records.corrupted(script, "its content was changed")
    return found


def _try(place: PurePosixPath, read: Callable[[], object]) -> Iterator[Damage]:
    try:
        read()
    except RdnaError as err:
        if err.reference == "no-permission":
            raise
        where = PurePosixPath(err.context) if err.reference == "state-corrupted" and err.context else place
        yield Damage(where, err.message.removeprefix("rdna-installer's history is damaged: "))
    except OSError as err:
        yield Damage(place, (err.strerror or str(err)).lower())


def _whole_script(store: Store, folder: PurePosixPath) -> str | None:
    try:
        text = store.root.read_bytes(folder / RESTORE, limit=LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    return text if END.search(text) else None


def _restores(store: Store, folder: PurePosixPath) -> bool:
    """Whether a directory's script is whole, as its manifest has it, and has every content it would put back. The
    system's needs no manifest: nobody but root could have written it."""
    text = _whole_script(store, folder)
    if text is None:
        return False
    try:
        manifest = records.parse(Manifest, store.root.read_bytes(folder / MANIFEST, limit=LIMIT), folder / MANIFEST)
        known = manifest.restore
    except (OSError, RdnaError):
        known = None
    if known != codec.digest(text.encode("utf-8", "surrogateescape")) and (known or store.user):
        return False
    return all(_sound_blob(store, folder, name) for name in re.findall(ORIGIN, text))


def _sound_blob(store: Store, folder: PurePosixPath, name: str) -> bool:
    try:
        return records.blob_name(digest_of(store.root, f"{folder}/blobs/{name}")) == name
    except OSError:
        return False


def with_drift(store: Store) -> tuple[Generation | None, tuple[Drift, ...]]:
    """The current generation and its drift; looked at once more where another run came in between. Raises as both."""
    current = store.current()
    drifted = drift(store.root, current) if current else ()
    if drifted and store.moved_on(current):
        current = store.current()
        drifted = drift(store.root, current) if current else ()
    return current, drifted


def drift(root: Sysroot, generation: Generation) -> tuple[Drift, ...]:
    """Managed paths that are not as the generation has them.
    Raises RdnaError("no-permission", …) where one cannot be looked at: unknown is not "no drift"."""
    ours = {m.path: m.after for m in generation.managed if m.ours}
    pairs = ((path, compare(ours[path], found)) for path, found in read_all(root, ours).items())
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
        return DriftKind.EDITED, "it is new: another program or person made it"
    if (found.digest, found.link) != (expected.digest, expected.link):
        return DriftKind.EDITED, "its content was changed"
    was, now = (f"{state.mode:04o} {state.owner}:{state.group}" for state in (expected, found))
    return DriftKind.MODE, f"{was} became {now}"


def refuse_between(store: Store, since: Generation | None, paths: Sequence[PurePosixPath]) -> None:
    """Raises RdnaError("changed-meanwhile") where files that are not as ``since`` has them may be another run's."""
    if paths and store.moved_on(since):
        message, hint = "another run of rdna-installer changed these files meanwhile", "run it again"
        if store.unfinished():
            message = "a change of these files runs now, or was broken off"
            hint = "before you try again, when no other run is at work: rdna-installer recover"
        raise RdnaError("changed-meanwhile", message, context=", ".join(map(str, paths)), hint=hint)


def refuse(drifted: Sequence[Drift], on_drift: OnDrift) -> None:
    """Raises RdnaError("drift") when there is any and nothing was said about it."""
    if not drifted or on_drift is not OnDrift.REFUSE:
        return
    context = ", ".join(f"{d.path} ({d.detail})" for d in drifted)
    hint = "--keep leaves these files as they are; --overwrite replaces them and saves them in the history"
    raise RdnaError("drift", "files were changed after rdna-installer wrote them", context=context, hint=hint)
