"""The state directory of one owner: where it is, and reading what it says. Its only writers are in this stage.

System state is ``/var/lib/rdna-installer`` of the root, 0755 with a public ``current.json``; a user's is 0700 below
``~/.local/state``, where root finds it. All else in it is 0700 and 0600.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.change import records
from rdna_installer.change.records import CURRENT, PENDING, Manifest
from rdna_installer.errors import Exit, RdnaError, explain, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import rights_of
from rdna_installer.machine.folder import Folder, exclusive
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import FileState, Generation, User, bulky
from rdna_installer.printable import printable, printable_lines
from rdna_installer.record import record, replace

FORMAT = f"{records.FORMAT}\n".encode()  # of the state as a whole: raised before the first record that needs it
NAME = "rdna-installer"
SYSTEM = PurePosixPath("/var/lib") / NAME
ENVIRONMENTS = "environments"  # of ours, each with all its packages; a link in it names the one in force
ADDED = "added.json"  # what was added to the system for them
WHEELS = "wheels"  # what was fetched for them
LIBRARIES = "libraries"  # by digest: what is too large for memory, between its arrival and the change that takes it
BUILT = (ADDED, ENVIRONMENTS, LIBRARIES, WHEELS)
PURGING = "purging"  # the state is being removed: nothing in it counts any more
UNFINISHED = (".format.new", f".{CURRENT}.new", ".outcomes.json.new", ".boot.json.new")  # of a write that was cut off
TRANSIENT = (records.PREPARING, records.OPEN, records.BACK, records.RUBBISH)


@record(frozen=True)
class Store:
    """One owner's state. ``user`` None: the system's. Nothing is made before the first commit.
    ``held``: its directory, kept open by who has the lock, so that all of a transaction happens in the same one."""

    root: Sysroot
    base: PurePosixPath
    user: User | None = None
    held: Folder | None = None

    @classmethod
    def open(cls, root: Sysroot, user: User | None = None, environ: Mapping[str, str] | None = None) -> Store:
        """The state of the system, or of ``user`` (to be used with that user's rights).
        Raises RdnaError("state-newer", "state-corrupted")."""
        store = cls.place(root, user, environ)
        store.check_format()
        return store

    @classmethod
    def place(cls, root: Sysroot, user: User | None = None, environ: Mapping[str, str] | None = None) -> Store:
        """``open`` without a look into it: for who is not its owner."""
        base = SYSTEM if user is None else _user_base(root, user, os.environ if environ is None else environ)
        return cls(root, base, user)

    def check_format(self) -> None:
        """Raises RdnaError("state-newer") for state of a later program, which we could only damage."""
        try:
            text = self.root.read_text(self.base / "format").strip()
        except FileNotFoundError:
            return
        except OSError as err:
            raise explain(err, Exit.REFUSED) from err
        if not text.isascii() or not text.isdigit():
            raise records.corrupted(self.base / "format", f"{text[:40]!r} is no format number")
        if len(text) > 9 or int(text) > records.FORMAT:
            hint = "use that program; was there none, see the way back: rdna-installer recover --check"
            message = f"a newer rdna-installer wrote this history (format {text[:9]}; this one reads {records.FORMAT})"
            raise RdnaError("state-newer", message, context=str(self.base / "format"), hint=hint)

    def folder(self, *names: str) -> Folder:
        """A directory of the state, opened for writing. Raises OSError, RdnaError."""
        if self.held is not None:
            return self.held.below(*names)
        return Folder.open(self.root, self.base.joinpath(*names), writing=True)

    def turn(self, old: str, new: str) -> None:
        """Rename a directory of the state, or to or from ``generations``, which is synced first. Raises OSError, …"""
        was, becomes = PurePosixPath(old), PurePosixPath(new)
        with self.folder(*was.parent.parts) as source, self.folder(*becomes.parent.parts) as target:
            durable.move(source, was.name, becomes.name, target)
            if becomes.parent != was.parent:
                durable.sync(target if becomes.parent.parts else source)
            durable.sync(source if becomes.parent.parts else target)

    @property
    def exists(self) -> bool:
        """Whether there is any state."""
        return self.root.is_dir(self.base)

    @property
    def purging(self) -> bool:
        """Whether a purge has begun and was not finished."""
        return self.root.status(self.base / PURGING, follow=False) is not None

    def make(self) -> None:
        """Make the state directory where it is missing. Raises OSError, RdnaError."""
        mode = 0o755 if self.user is None else 0o700
        durable.make_folders(self.root, self.base, mode, mode)

    def fill(self) -> None:
        """What every state directory holds, for who has the lock. Raises OSError, RdnaError("state-newer")."""
        self.check_format()
        with self.folder() as base:
            if base.status("format") is None or base.read("format") != FORMAT:
                durable.replace(base, "format", FORMAT, 0o644)
            if base.status("generations") is None:
                durable.make_folder(base, "generations", 0o700, os.geteuid(), os.getegid())

    def current(self) -> Generation | None:
        """The generation in force, with contents as far as this reader may see them. None before the first.
        Raises RdnaError("state-corrupted", "no-permission")."""
        public = self.public()
        if public is None:  # before the first; or the record has gone, and the last generation is what is in force
            last = max(self.numbers(), default=0)
            return self.load(last) if last and not self.needs_recovery() else None
        try:
            return self.load(public.number)
        except RdnaError as err:
            # Pruned or taken back since (a lock-free reader), or not for this reader: the public record serves.
            if err.reference in ("no-permission", "no-such-generation"):
                return public
            raise

    def public(self) -> Generation | None:
        """The public record, whoever reads. Raises RdnaError("state-corrupted", "no-permission")."""
        if self.purging:
            return None
        try:
            text = self.root.read_bytes(self.base / CURRENT, limit=1 << 26)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as err:
            raise explain(err, Exit.REFUSED) from err
        return records.parse(Generation, text, self.base / CURRENT)

    def numbers(self) -> tuple[int, ...]:
        """Numbers of the generations kept, ascending; () where a reader (without the lock) may not look."""
        if self.purging:
            return ()
        try:
            if self.held is not None:
                folder = self.held.below("generations")
            else:
                folder = Folder.open(self.root, self.base / "generations")
            with folder:
                names = folder.names()
        except FileNotFoundError:
            return ()
        except PermissionError:
            if self.held is not None:
                raise
            return ()
        return tuple(sorted(int(name) for name in names if name.isascii() and name.isdigit()))

    def next_number(self) -> int:
        """The number the next generation would get."""
        public = self.public()
        return max(self.numbers(), default=public.number if public else 0) + 1

    def generations(self) -> tuple[Generation, ...]:
        """All kept generations, oldest first; only the current one for a reader without rights."""
        found = []
        for number in self.numbers():
            try:
                found.append(self.load(number))
            except RdnaError as err:
                if err.reference != "no-such-generation":
                    raise
        current = None if found else self.public()
        return (current,) if current else tuple(found)

    def load(self, number: int) -> Generation:
        """One generation, filled in. Raises RdnaError("no-such-generation", "state-corrupted", "no-permission")."""
        manifest = self.manifest(number)
        held = manifest.generation
        managed = tuple(
            replace(m, after=self.filled(number, m.after), origin=self.filled(number, m.origin)) for m in held.managed
        )
        waits = self.root.exists(self.base / "generations" / str(number) / PENDING)
        # 0.1.0 did not write it: everything that was kept then came before.
        before = tuple(n for n in reversed(self.numbers()) if n < number) if held.before is None else held.before
        return replace(held, managed=managed, pending=held.pending if waits else (), before=before)

    def manifest(self, number: int) -> Manifest:
        """What generation ``number`` recorded, without contents. Raises as ``load``."""
        place = self.base / "generations" / str(number) / "manifest.json"
        manifest = records.parse(Manifest, self._bytes(number, place), place)
        if manifest.generation.number != number:
            raise records.corrupted(place, f"it is of generation {manifest.generation.number}")
        return manifest

    def filled(self, number: int, actual: FileState) -> FileState:
        """``actual`` with its content, from the blobs of generation ``number``. Raises as ``load``."""
        if actual.digest is None or bulky(actual.path):
            return actual
        return replace(actual, content=read_blob(self, f"{self.base}/generations/{number}", actual.digest))

    def _bytes(self, number: int, place: PurePosixPath) -> bytes:
        try:
            return self.root.read_bytes(place, limit=1 << 26)
        except FileNotFoundError as err:
            if self.root.exists(place.parent):
                raise records.corrupted(place, "it is missing") from err
            known = ", ".join(map(str, self.numbers())) or "none"
            message = f"there is no change {number}"
            raise RdnaError("no-such-generation", message, context=str(self.base), hint=f"name: {known}") from err
        except OSError as err:
            raise explain(err, Exit.REFUSED) from err

    def own(self, wanted: Iterable[FileState]) -> list[FileState]:
        """Each as it can be had here: whoever is not root owns what they write below a scratch root, and a user can
        give files to groups of theirs only."""
        if self.user is not None:
            groups, gid = _groups(self.user), self.user.gid
            return [file if file.group in groups else replace(file, group=gid) for file in wanted]
        if self.root.live or os.geteuid() == 0:
            return [*wanted]
        uid, gid = os.geteuid(), os.getegid()
        return [replace(file, owner=uid, group=gid) for file in wanted]

    def needs_recovery(self) -> bool:
        """Whether an earlier run left something (as far as this reader may see)."""
        public = self.public()
        left = any(self.root.exists(self.base / name) for name in (*UNFINISHED, LIBRARIES, PURGING))
        return left or self.unfinished() or bool(public and public.pending)

    def recoverable(self) -> bool:
        """Whether ``recover`` has something to do: an earlier run left something, or the public record has gone."""
        lost = self.public() is None and not self.purging and max(self.numbers(), default=0) > 0
        return lost or self.needs_recovery()

    def unfinished(self) -> bool:
        """Whether files of a transaction are there: one runs, or was broken off."""
        last = self.base / "generations" / str(max(self.numbers(), default=0))
        return any(self.root.exists(place) for place in (*(self.base / n for n in TRANSIENT), last / records.UNDO))

    def moved_on(self, since: Generation | None) -> bool:
        """Whether another run is changing this state, or has since ``since`` was ``current``. Raises as that."""
        now = self.current()
        return self.held is None and ((since and since.number) != (now and now.number) or self.unfinished())

    def log(self, text: str) -> None:
        """Add a line with the time to the log, where there is state to log about."""
        try:
            with self.folder() as base:
                durable.append(base, "log", f"{now()} {printable(' '.join(text.split()))}")
        except (OSError, RdnaError):
            pass  # a log that cannot be written must not stop an undo

    def keep_details(self, text: str) -> str:
        """Add the details of a bug to the log, whole; returns the log's real place. Raises OSError, RdnaError."""
        self.make()
        with self.folder() as base:
            durable.append(base, "log", f"{now()} {printable_lines(text)}")
        return str(self.root.path(self.base / "log"))


def read_blob(store: Store, folder: Inside, digest: str) -> bytes:
    """Content by its digest from ``folder``/blobs, checked. Raises RdnaError("state-corrupted")."""
    place = f"{folder}/blobs/{records.blob_name(digest)}"
    with explaining(Exit.REFUSED):
        try:
            content = store.root.read_bytes(place, limit=1 << 26)
        except FileNotFoundError as err:
            raise records.corrupted(place, "it is missing") from err
    if codec.digest(content) != digest:
        raise records.corrupted(place, "its content does not fit its name")
    return content


@contextmanager
def lock(store: Store) -> Iterator[Store]:
    """Be the one writer of an existing state, by the store it yields. Raises RdnaError("busy"), OSError."""
    with store.folder() as base, exclusive(base, "lock"):
        yield replace(store, held=base)


def exposed(root: Sysroot, status: os.stat_result, user: User | None = None) -> str:
    """Who else can change what belongs to the system's state, or to ``user``'s: then nobody believes it. "": nobody."""
    trusted = {0, user.uid} if user is not None else {0} if root.live else {0, os.geteuid()}
    if status.st_uid in trusted and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return ""
    return f"others can change it (owner {status.st_uid}, mode {stat.S_IMODE(status.st_mode):04o})"


def now() -> str:
    """The time for records: ISO 8601, UTC, to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _groups(user: User) -> tuple[int, ...]:
    """The groups a user has where we act for them: this session's own, or those that a child of root's gets."""
    if os.geteuid() == user.uid:
        return (os.getegid(), *os.getgroups())
    return (user.gid, *rights_of(user).groups)


def _user_base(root: Sysroot, user: User, environ: Mapping[str, str]) -> PurePosixPath:
    """The one place of which root and the user both know. ``$XDG_STATE_HOME`` only the user's own session has: it
    counts where nothing is in that place and state is there already, of 0.1.0, and for who has no home."""
    base, given = user.home / ".local" / "state" / NAME, environ.get("XDG_STATE_HOME", "")
    if given.startswith("/") and "SUDO_UID" not in environ and os.getuid() == user.uid:
        there = PurePosixPath(given) / NAME
        if not root.is_dir(user.home) or (root.is_dir(there) and not root.is_dir(base)):
            return there
    return base
