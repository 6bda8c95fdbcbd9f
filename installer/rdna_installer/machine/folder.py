"""A directory held open by its descriptor, reached from the root without following a link: where effects start.

Links inside the root (``/etc -> usr/etc``) are resolved first, below the root; the result is then walked again with
O_NOFOLLOW, so that a link swapped in meanwhile is an error and never a way out. A file in it is the lock of its one
writer (flock), and says who holds it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeVar

from rdna_installer.errors import Exit, RdnaError, explaining, named
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, bulky, regular
from rdna_installer.record import replace

DIRECTORY = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
CONTENT_LIMIT = 8 << 20  # bytes; anything larger in a configuration directory is not ours to copy
BULKY_LIMIT = 8 << 30  # bytes; the largest libMIOpen seen has 1.4 GB
NO_XATTRS = (errno.ENOTSUP, errno.ENODATA, errno.EPERM, errno.EACCES)  # none here, just gone, or not for us
KINDS = {
    stat.S_IFDIR: "a directory", stat.S_IFIFO: "a fifo", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device", stat.S_IFLNK: "a link",
}  # fmt: skip
T = TypeVar("T")
LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def resolve(root: Sysroot, path: PurePosixPath) -> PurePosixPath:
    """``path`` with every link on the way to it resolved inside the root; its last name is kept as it is."""
    return root.inside(root.path(path, follow=False))


class Folder:
    """One open directory. Closes with its ``with`` block. All names are single names in it, never paths."""

    def __init__(self, fd: int, place: Path) -> None:
        self.fd = fd
        self.place = place

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *raised: object) -> None:
        os.close(self.fd)

    @classmethod
    def open(cls, root: Sysroot, inside: PurePosixPath, *, writing: bool = False) -> Folder:
        """Open a directory of the root. ``writing`` as root: refuse a way that others could bend.
        Raises OSError; RdnaError("unsafe-directory")."""
        real = root.path(inside / "x", follow=False).parent
        return cls._top(root)._walk(real.relative_to(root.root).parts, writing)

    @classmethod
    def at(cls, root: Sysroot, place: PurePosixPath) -> Folder:
        """Open a resolved directory for writing: a link on the way by now means that it is another place.
        Raises OSError (ELOOP or ENOTDIR for the link); RdnaError("unsafe-directory")."""
        return cls._top(root)._walk(place.relative_to("/").parts, True)

    @classmethod
    def _top(cls, root: Sysroot) -> Folder:
        with named(root.root):
            return cls(os.open(root.root, os.O_RDONLY | DIRECTORY), root.root)

    def _walk(self, parts: tuple[str, ...], writing: bool) -> Folder:
        guarded = writing and os.geteuid() == 0  # else with our own rights only: nothing to gain for anybody
        try:
            if guarded:
                self.require_safe()
            for place in range(len(parts)):
                self._step(parts[place], last=place == len(parts) - 1)
                if guarded:
                    self.require_safe()
        except BaseException:
            os.close(self.fd)
            raise
        return self

    def _step(self, name: str, *, last: bool) -> None:
        # O_PATH on the way: a directory that may be passed through need not be listable.
        with named(self.place / name):
            fd = os.open(name, DIRECTORY | (os.O_RDONLY if last else os.O_PATH), dir_fd=self.fd)
        os.close(self.fd)
        self.fd, self.place = fd, self.place / name

    def below(self, *names: str) -> Folder:
        """Open a directory below this one, this one itself for no names: for writing, and not through a link."""
        with named(self.place):
            again = Folder(os.open(".", DIRECTORY | os.O_RDONLY, dir_fd=self.fd), self.place)
        return again._walk(names, True)

    def child(self, name: str) -> Folder:
        """Open a directory in this one, not through a link. Raises OSError."""
        with named(self.place / name):
            return Folder(os.open(name, DIRECTORY | os.O_RDONLY, dir_fd=self.fd), self.place / name)

    def require_safe(self) -> None:
        """For root: raises RdnaError("unsafe-directory") where others could swap names in this directory."""
        status = os.fstat(self.fd)
        others = stat.S_IWOTH | (stat.S_IWGRP if status.st_gid != 0 else 0)
        if status.st_uid == 0 and (status.st_mode & stat.S_ISVTX or not status.st_mode & others):
            return
        import shlex  # where a command is shown

        whose = f"owner {status.st_uid}, group {status.st_gid}, mode {stat.S_IMODE(status.st_mode):04o}"
        typed = shlex.quote(str(self.place))
        hint = f"choose a place of that owner, or make this one root's: sudo chown -R root:root {typed}"
        message = f"other users can change this folder, so root does not write into it ({whose})"
        raise RdnaError("unsafe-directory", message, context=str(self.place), hint=hint)

    def require_writable(self) -> None:
        """Raises PermissionError where names in it are not ours to change."""
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=self.fd, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.place))

    def names(self) -> list[str]:
        """Sorted names in it."""
        with named(self.place):
            return sorted(os.listdir(self.fd))

    def status(self, name: str) -> os.stat_result | None:
        """lstat of a name, None where nothing is there."""
        try:
            with named(self.place / name):
                return os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def special(self, name: str) -> str | None:
        """What is there and is no regular file, in words: a link too. None for a file, and where nothing is."""
        status = self.status(name)
        if status is None or stat.S_ISREG(status.st_mode):
            return None
        return KINDS.get(stat.S_IFMT(status.st_mode), "a special file")

    @contextmanager
    def opened(self, name: str, flags: int) -> Iterator[int]:
        """A file in it, not a link's target, by its descriptor; one that is made is 0600. An OSError names it."""
        with named(self.place / name):
            fd = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self.fd)
            try:
                yield fd
            finally:
                os.close(fd)

    def read(self, name: str, limit: int = CONTENT_LIMIT) -> bytes:
        """Content of a regular file (not of a link's target), at most ``limit`` bytes. Raises OSError."""
        with named(self.place / name), os.fdopen(os.open(name, READ, dir_fd=self.fd), "rb") as stream:
            return stream.read(limit)

    def actual(self, path: PurePosixPath, name: str = "") -> FileState:
        """What is at ``path.name`` here, or at ``name`` (to be told of as if it were there). Nothing but a regular file
        is opened. Raises OSError."""
        name = name or path.name
        status = self.status(name)
        if status is None:
            return FileState(path)
        known = FileState(path, None, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
        if stat.S_ISLNK(status.st_mode):
            with named(self.place / name):
                return replace(known, link=os.readlink(name, dir_fd=self.fd))
        if not stat.S_ISREG(status.st_mode):
            return replace(known, special=KINDS.get(stat.S_IFMT(status.st_mode), "a special file"))
        if status.st_size > (BULKY_LIMIT if bulky(path) else CONTENT_LIMIT):
            return replace(known, special=f"a file of {status.st_size} bytes")
        return self._file(path, name)

    def _file(self, path: PurePosixPath, name: str) -> FileState:
        with named(self.place / name), os.fdopen(os.open(name, READ, dir_fd=self.fd), "rb") as stream:
            status = os.fstat(stream.fileno())
            look = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
            if bulky(path):
                found = f"sha256:{sha256_of(stream.fileno())[0]}"
                return FileState(path, None, *look, found, xattrs=_xattrs(stream.fileno()))
            content = stream.read(CONTENT_LIMIT)
            return regular(path, content, *look, _xattrs(stream.fileno()))


def sha256_of(fd: int) -> tuple[str, int]:
    """The sha256 in hex digits of what is left of an open file, and its bytes, read in pieces. Raises OSError."""
    import hashlib  # heavy, and a plan without large files needs none

    found, size = hashlib.sha256(), 0
    while chunk := os.read(fd, 1 << 20):
        found.update(chunk)
        size += len(chunk)
    return found.hexdigest(), size


def _xattrs(fd: int) -> tuple[tuple[str, bytes], ...]:
    try:
        return tuple((name, os.getxattr(fd, name)) for name in sorted(os.listxattr(fd)))
    except OSError as err:
        if err.errno not in NO_XATTRS:
            raise
    return ()


def missing_folders(root: Sysroot, folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
    """The directories that would have to be made for ``folder`` (resolved), outermost first."""
    missing = itertools.takewhile(lambda path: _missing(root, path), (folder, *folder.parents))
    return tuple(missing)[::-1]


def _missing(root: Sysroot, path: PurePosixPath) -> bool:
    # Only "not there" counts: a directory that could not be looked at is never taken for one we make and remove.
    try:
        os.lstat(root.path(path, follow=False))
    except FileNotFoundError:
        return True
    return False


def read_actual(root: Sysroot, path: PurePosixPath) -> FileState:
    """What is at ``path``. Raises as ``read_all``."""
    return read_all(root, (path,))[path]


def read_all(root: Sysroot, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, FileState]:
    """What is at each path; nothing is there where its directory is missing. A directory is opened once.
    Raises RdnaError("no-permission", "path-swapped", "io-error", …; exit 3)."""
    found = {path: FileState(path) for path in paths}
    for parent, held in by_parent((path, path) for path in found).items():
        with explaining(Exit.REFUSED):
            try:
                folder = Folder.open(root, parent)
            except FileNotFoundError:
                continue
            with folder:
                found |= {path: folder.actual(path) for path in held}
    return found


def by_parent(places: Iterable[tuple[PurePosixPath, T]]) -> dict[PurePosixPath, list[T]]:
    """What is of each place by the directory that the place is in: to open it once."""
    found: dict[PurePosixPath, list[T]] = {}
    for place, item in places:
        found.setdefault(place.parent, []).append(item)
    return found


@contextmanager
def exclusive(folder: Folder, name: str) -> Iterator[None]:
    """Hold the lock for the block. Raises RdnaError("busy") naming the holder; OSError."""
    fd = take(folder, name)
    try:
        # The name is a courtesy; a full disk must not keep `recover` from working.
        with contextlib.suppress(OSError):
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"process {os.getpid()}: {' '.join(sys.argv)}"[:400].encode("utf-8", "replace"), 0)
        yield
    finally:
        os.close(fd)  # gives the lock back


def take(folder: Folder, name: str) -> int:
    """Lock a file, made where it is missing: its descriptor, held until it is closed. Raises as ``exclusive``."""
    while True:
        with named(folder.place / name):
            fd = os.open(name, LOCK, 0o600, dir_fd=folder.fd)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = folder.status(name)
            if status is not None and os.path.samestat(os.fstat(fd), status):
                return fd
        except BlockingIOError:
            raise _busy(fd, folder, name) from None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # removed while we waited: that lock guards nothing any more


def _busy(fd: int, folder: Folder, name: str) -> RdnaError:
    holder = os.pread(fd, 400, 0).decode("utf-8", "replace").strip() or "another run"
    os.close(fd)
    hint = "wait until it has ended, then run it again"
    message = f"another rdna-installer is running: {holder}"
    return RdnaError("busy", message, context=str(folder.place / name), hint=hint)
