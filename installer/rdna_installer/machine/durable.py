"""The only writer of files that must survive: every effect is one call, on one name, in one open directory.

Nothing here follows a link. After a power cut a rename can be seen without the data it names unless the file was
synced before, and undone unless the directory was synced after: ``create`` does the first, the caller ``sync``s.

A tree of one owner (a cache) is measured and removed by open directories, and never across a mount.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer.errors import RdnaError, named
from rdna_installer.machine.folder import Folder, by_parent, missing_folders, sha256_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState
from rdna_installer.record import record

# Filesystems without hard links, another's file, another filesystem.
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV)
STAYS = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EBUSY)  # in use, or not there
FICLONE = 0x40049409  # linux/fs.h: share the other's blocks until one of the two is written
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
CACHE = "__pycache__"
T = TypeVar("T")
Loose = Collection[PurePosixPath] | None
DEPTH_LIMIT = 64  # directories; caches have fewer than ten


def create(folder: Folder, name: str, content: bytes, look: FileState, *, newer_than: int | None = None) -> None:
    """Write a new file with the mode, owner and xattrs of ``look`` and sync it. Raises OSError (EEXIST too).

    ``newer_than``: seconds; Python takes a compiled file for current when the source's second and size match, so
    a replacement within the same second must not carry it.
    """
    with folder.opened(name, NEW) as fd:
        _write_all(fd, content)
        _dress(fd, look)
        if newer_than is not None and int(os.fstat(fd).st_mtime) <= newer_than:
            os.utime(fd, (newer_than + 1, newer_than + 1))
        os.fsync(fd)


def _write_all(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def _dress(fd: int, look: FileState) -> None:
    """Owner first (chown clears set-id bits), then xattrs (an ACL changes the mode), the mode last."""
    now = os.fstat(fd)
    if (now.st_uid, now.st_gid) != (look.owner, look.group):
        os.fchown(fd, look.owner, look.group)
    for key, value in look.xattrs:
        if not _has(fd, key, value):
            os.setxattr(fd, key, value)
    os.fchmod(fd, stat.S_IMODE(look.mode))


def _has(fd: int, key: str, value: bytes) -> bool:
    # A user may not set security.selinux to what policy has given the file already.
    try:
        return os.getxattr(fd, key) == value
    except OSError:
        return False


def receive(folder: Folder, name: str, start: int, chunks: Iterable[bytes]) -> None:
    """Write what comes after byte ``start`` of a file of our own, as it comes; what is there stays if it breaks off.
    Whole, it is synced and 0644: others may install from it. Raises OSError; what ``chunks`` raises."""
    with folder.opened(name, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK) as fd, named(folder.place / name):
        os.ftruncate(fd, start)
        os.lseek(fd, start, os.SEEK_SET)
        for chunk in chunks:
            _write_all(fd, chunk)
        os.fchmod(fd, 0o644)
        os.fsync(fd)


def file_digest(folder: Folder, name: str) -> tuple[str, int]:
    """The sha256 of a file in hex digits, and its bytes. Raises OSError."""
    with folder.opened(name, os.O_RDONLY | os.O_NONBLOCK) as fd, named(folder.place / name):
        return sha256_of(fd)


def create_link(folder: Folder, name: str, target: str, look: FileState) -> None:
    """Make a symbolic link (only where one was before us). Raises OSError."""
    with named(folder.place / name):
        os.symlink(target, name, dir_fd=folder.fd)
        os.chown(name, look.owner, look.group, dir_fd=folder.fd, follow_symlinks=False)


def keep(folder: Folder, name: str, kept: str, look: FileState, into: Folder | None = None) -> None:
    """Give what is at ``name`` a second name (of the same directory unless ``into``): the very file, with all it
    carries and is written into it later; needs no space. Without hard links: a copy like ``look``. Raises OSError."""
    into = into or folder
    with named(folder.place / name):
        try:
            os.link(name, kept, src_dir_fd=folder.fd, dst_dir_fd=into.fd, follow_symlinks=False)
        except OSError as err:
            if err.errno not in NO_LINKS or look.digest is None:
                raise
            copy(folder, name, into, kept, look)
    if look.link is None:
        with into.opened(kept, os.O_RDONLY | os.O_NONBLOCK) as fd:  # not written by us: its last edit may not be synced
            os.fsync(fd)


def copy(folder: Folder, name: str, into: Folder, made: str, look: FileState) -> None:
    """Write a new file like ``create``, with content and times of another: a reflink where the file system has them,
    else a piece at a time. Raises OSError (EEXIST too)."""
    with folder.opened(name, os.O_RDONLY | os.O_NONBLOCK) as old, into.opened(made, NEW) as fd:
        try:
            fcntl.ioctl(fd, FICLONE, old)
        except OSError:
            while chunk := os.read(old, 1 << 20):
                _write_all(fd, chunk)
        _dress(fd, look)
        since = os.fstat(old)
        os.utime(fd, ns=(since.st_atime_ns, since.st_mtime_ns))
        os.fsync(fd)


def sync_written(root: Sysroot, inside: PurePosixPath) -> None:
    """fsync a file of another program, then its directory; links are followed below the root. Raises OSError."""
    real = root.path(inside)
    for place in (real, real.parent):
        with named(place):
            fd = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


def move(folder: Folder, old: str, new: str, into: Folder | None = None) -> None:
    """Rename over whatever ``new`` is (of the same directory unless ``into``). Raises OSError."""
    with named(folder.place / old):
        os.rename(old, new, src_dir_fd=folder.fd, dst_dir_fd=(into or folder).fd)


def discard(folder: Folder, name: str) -> bool:
    """Remove a name; False where nothing is there. Raises OSError."""
    try:
        with named(folder.place / name):
            os.unlink(name, dir_fd=folder.fd)
    except OSError as err:
        # A read-only file system says so before it looks whether there is anything.
        if err.errno == errno.ENOENT or (err.errno == errno.EROFS and folder.status(name) is None):
            return False
        raise
    return True


def sync(folder: Folder) -> None:
    """Make the names of a directory durable. Raises OSError; never to be tried again (see ``fsync(2)``)."""
    with named(folder.place):
        os.fsync(folder.fd)


def make_folder(folder: Folder, name: str, mode: int, owner: int, group: int, *, synced: bool = True) -> None:
    """Make a directory and sync it and its parent, if the caller does not later. Raises OSError (EEXIST too)."""
    with named(folder.place / name):
        os.mkdir(name, 0o700, dir_fd=folder.fd)
    with folder.child(name) as made, named(made.place):
        now = os.fstat(made.fd)
        if (now.st_uid, now.st_gid) != (owner, group):
            os.fchown(made.fd, owner, group)
        os.fchmod(made.fd, mode)
        if synced:
            os.fsync(made.fd)
            sync(folder)


def by_folder(
    root: Sysroot, places: Iterable[tuple[PurePosixPath, T]], *, gone: bool = False, loose: Loose = ()
) -> Iterator[tuple[Folder, T]]:
    """What is of each resolved place, with its directory: opened once, synced after its last unless it is ``loose``
    (None: all are); ``gone``: one that is not there is passed over. Raises OSError, RdnaError("unsafe-directory")."""
    last, folder = PurePosixPath("/"), Folder.at(root, PurePosixPath("/"))
    try:
        for parent, held in by_parent(places).items():
            below = parent.relative_to(last).parts if parent.is_relative_to(last) else None
            try:
                found = Folder.at(root, parent) if below is None else folder.below(*below)
            except FileNotFoundError:
                if gone:
                    continue
                raise
            os.close(folder.fd)
            last, folder = parent, found
            yield from ((folder, item) for item in held)
            if loose is not None and parent not in loose:
                sync(folder)
    finally:
        os.close(folder.fd)


def make_folders(root: Sysroot, inside: PurePosixPath, last: int, above: int = 0o755) -> None:
    """Make the missing ones of a chain of directories as our own; modes of the last and of those above it."""
    for path in missing_folders(root, inside):
        # Another run may be faster.
        with Folder.open(root, path.parent, writing=True) as parent, contextlib.suppress(FileExistsError):
            make_folder(parent, path.name, last if path == inside else above, os.geteuid(), os.getegid())


def remove_folder(folder: Folder, name: str) -> bool:
    """Remove an empty directory and a bytecode cache left in it; False where it stays. Raises OSError (EIO, …)."""
    try:
        with named(folder.place / name):
            _drop_cache(folder, name)
            os.rmdir(name, dir_fd=folder.fd)
    except OSError as err:
        if err.errno not in STAYS:
            raise
        return False
    return True


def _drop_cache(folder: Folder, name: str) -> None:
    with folder.child(name) as inner:
        if inner.names() != [CACHE]:
            return
        with inner.child(CACHE) as cache:
            if not all(compiled.endswith(".pyc") for compiled in cache.names()):
                return
            for compiled in cache.names():
                discard(cache, compiled)
        os.rmdir(CACHE, dir_fd=inner.fd)


def remove_tree(folder: Folder, name: str, device: int | None = None, depth: int = 0) -> bool:
    """Remove a file, link or directory with all in it; False where something had to stay. Raises OSError.
    ``device``: what is mounted from another stays (a cache's tree; our own state has no mounts, and no limit)."""
    status = folder.status(name)
    if status is None:
        return True
    if not stat.S_ISDIR(status.st_mode):
        discard(folder, name)
        return True
    if device not in (None, status.st_dev):
        return False
    with folder.child(name) as inner:
        whole = device in (None, _device(inner)) and _empty(inner, device, depth + 1)
    if whole:
        with named(folder.place / name):
            os.rmdir(name, dir_fd=folder.fd)
    return whole


def _empty(folder: Folder, device: int | None, depth: int) -> bool:
    """Remove all in a directory; False where something mounted had to stay."""
    if device is not None:
        _check(folder, depth)
    whole = [remove_tree(folder, name, device, depth) for name in folder.names()]
    return all(whole)


def ourselves(mode: int = 0o600) -> FileState:
    """The look of a file of our own state."""
    return FileState(PurePosixPath("/"), None, mode, os.geteuid(), os.getegid())


def write_tree(folder: Folder, files: Mapping[str, bytes], mode: int = 0o600) -> None:
    """Create several files as our own in a directory and sync all. Raises OSError."""
    look = ourselves(mode)
    for name, content in files.items():
        create(folder, name, content, look)
    sync(folder)


def replace(folder: Folder, name: str, content: bytes, mode: int) -> None:
    """Replace a file of our own state atomically. Raises OSError."""
    staged = f".{name}.new"
    discard(folder, staged)
    with _staged(folder, staged):
        write_tree(folder, {staged: content}, mode)
        move(folder, staged, name)
    sync(folder)


@contextlib.contextmanager
def _staged(folder: Folder, name: str) -> Iterator[None]:
    """What is made in the block under this name does not outlive its failure."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # the disk that failed may have failed for good
            discard(folder, name)
        raise


def publish(root: Sysroot, path: PurePosixPath, content: bytes) -> None:
    """Write a small public file ``/run/<folder>/<name>``, readable by all, through no link that somebody put there.
    Raises OSError: a link or file where the folder should be, a full or read-only /run."""
    staged = f".{path.name}.{os.getpid()}"
    with Folder.open(root, path.parent.parent) as above:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path.parent.name, 0o755, dir_fd=above.fd)
        with above.child(path.parent.name) as folder:
            os.fchmod(folder.fd, 0o755)
            with _staged(folder, staged):
                create(folder, staged, content, ourselves(0o644))
                move(folder, staged, path.name)


def withdraw(root: Sysroot, path: PurePosixPath) -> None:
    """Remove a file left by ``publish``, if it is there. Raises OSError."""
    with contextlib.suppress(FileNotFoundError), Folder.open(root, path.parent) as folder:
        discard(folder, path.name)


def random_hex(size: int) -> str:
    """``size`` random bytes in hex digits: names that nobody else has."""
    return os.urandom(size).hex()


def append(folder: Folder, name: str, line: str) -> None:
    """Add one line to a log (0600). Raises OSError."""
    # Not blocking: a fifo in its place must not stop us.
    with folder.opened(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK) as fd:
        _write_all(fd, line.encode("utf-8", "backslashreplace") + b"\n")


@record(frozen=True)
class Tree:
    """What is at a path: ``size`` is the sum of its files, in bytes. ``problem``: why it is left alone."""

    there: bool
    size: int = 0
    files: int = 0
    problem: str | None = None


def look(root: Sysroot, path: PurePosixPath, owner: int) -> Tree:
    """Measure the tree at ``path`` of user ``owner``. Raises OSError for what cannot be listed."""
    try:
        with Folder.open(root, path.parent) as parent:
            problem = _problem(parent.status(path.name), owner)
            if problem is not None:
                return Tree(True, problem=problem) if problem else Tree(False)
            with parent.child(path.name) as top:
                size, files = _measure(top, _device(top), 0)
    except (FileNotFoundError, NotADirectoryError):
        return Tree(False)
    return Tree(True, size, files)


def clear(root: Sysroot, path: PurePosixPath, owner: int) -> None:
    """Remove the tree at ``path`` of user ``owner``; what is mounted in it stays.
    Raises OSError; RdnaError("not-yours") where it is no directory of that user (any more)."""
    with Folder.open(root, path.parent, writing=True) as parent:
        problem = _problem(parent.status(path.name), owner)
        if problem == "":
            return
        if problem is None:
            with parent.child(path.name) as top:
                status = os.fstat(top.fd)
                problem = _problem(status, owner)  # what was looked at may have been swapped for another
                empty = problem is None and _empty(top, status.st_dev, 0)
            if empty:
                with named(parent.place / path.name):
                    os.rmdir(path.name, dir_fd=parent.fd)
        if problem:
            raise RdnaError("not-yours", f"left alone: {problem}", context=str(path))


def _problem(status: os.stat_result | None, owner: int) -> str | None:
    """Why a tree is not to be touched; "" where nothing is there, None where all is well."""
    if status is None:
        return ""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link to another place"
    if not stat.S_ISDIR(status.st_mode):
        return "it is no directory"
    return None if status.st_uid == owner else f"it belongs to user {status.st_uid}"


def _device(folder: Folder) -> int:
    return os.fstat(folder.fd).st_dev


def _check(folder: Folder, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        message = f"more than {DEPTH_LIMIT} directories below each other: no cache"
        raise RdnaError("tree-too-deep", message, context=str(folder.place))


def _measure(folder: Folder, device: int, depth: int) -> tuple[int, int]:
    _check(folder, depth)
    size = files = 0
    for name in folder.names():
        status = folder.status(name)
        if status is not None and not stat.S_ISDIR(status.st_mode):
            size, files = size + status.st_size, files + 1
        elif status is not None and status.st_dev == device:
            with folder.child(name) as inner:
                below = _measure(inner, device, depth + 1)
            size, files = size + below[0], files + below[1]
    return size, files
