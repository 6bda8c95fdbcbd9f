"""Read files of a root (``/`` or ``--root DIR``) without ever following a link out of it.

Below another root every path is resolved component by component: an absolute link starts again at that root and
``..`` stops there, as it would inside a chroot. On ``/`` the kernel does the same thing itself.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rdna_installer.errors import Exit, RdnaError, absent

READ_LIMIT = 1 << 20  # bytes; sysfs and configuration files are far smaller
MAX_LINKS = 40  # as the kernel (ELOOP)
NO_LINK = (errno.EINVAL, errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # something else, or nothing

Inside = str | PurePosixPath  # a path as seen inside the root


class Listing(NamedTuple):
    """Sorted names in a directory: those of directories, of links, and of everything else."""

    folders: list[str]
    links: list[str]
    others: list[str]


def from_here(path: str) -> str:
    """A path of the command line, whole. Raises RdnaError("no-directory") where it is called from nowhere."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError as err:
        hint = "change to one that is there (cd), then run it again"
        message = "the current directory was deleted, and this path begins there"
        raise RdnaError("no-directory", message, context=path, hint=hint, exit_code=Exit.USAGE) from err


class Sysroot:
    """One root to read. All paths given are absolute inside it."""

    def __init__(self, root: Path | str = "/") -> None:
        self.root = Path(os.path.realpath(root))
        self.live = self.root == Path("/")
        self.cut: set[str] = set()  # patterns that lead to more places than were looked at, until that is said

    def __repr__(self) -> str:
        return f"Sysroot({str(self.root)!r})"

    def path(self, inside: Inside, *, follow: bool = True) -> Path:
        """The real path of ``inside``; ``follow=False`` keeps a final link. Raises OSError(ELOOP) on a circle."""
        return Path(self.place(inside, follow=follow))

    def place(self, inside: Inside, *, follow: bool = True) -> str:
        """``path`` as text, which costs a fifth."""
        return str(inside) if self.live and follow else self._resolve(inside, follow)

    def way(self, inside: Inside) -> tuple[Path, ...]:
        """Every real path that decides where ``inside`` leads, the end of it last: directories, links, their targets.
        Those above the root come first. Raises OSError(ELOOP) on a circle of links."""
        passed: list[str] = []
        self._resolve(inside, True, passed)
        return tuple(dict.fromkeys([*reversed(self.root.parents), self.root, *map(Path, passed)]))

    def _resolve(self, inside: Inside, follow: bool, passed: list[str] | None = None) -> str:
        if passed is None and _straight(straight := f"{'' if self.live else self.root}{inside}", follow):
            return straight
        todo = [part for part in str(inside).split("/") if part not in ("", ".")][::-1]
        top = "" if self.live else str(self.root)
        done = [top]
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if len(done) > 1:
                    done.pop()
                continue
            here = f"{done[-1]}/{part}"
            if passed is not None:
                passed.append(here)
            target = None if not todo and not follow else _link(here)
            if target is None:
                done.append(here)
                continue
            links += 1
            if links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(inside))
            if target.startswith("/"):
                del done[1:]
            todo += [p for p in target.split("/") if p not in ("", ".")][::-1]
        return done[-1] or "/"

    def read_bytes(self, inside: Inside, *, limit: int = READ_LIMIT) -> bytes:
        """Content of a regular file, at most ``limit`` bytes. Raises OSError (EINVAL for a FIFO or device)."""
        fd = os.open(self.place(inside), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.EINVAL, "not a regular file", str(inside))
            chunks = []
            left = limit
            while left > 0 and (chunk := os.read(fd, min(left, 1 << 16))):
                chunks.append(chunk)
                left -= len(chunk)
            return b"".join(chunks)
        finally:
            os.close(fd)

    @contextmanager
    def copied(self, inside: Inside, *, limit: int = READ_LIMIT) -> Iterator[str]:
        """The path of a copy in memory, for a library that opens what it reads by itself. Raises as read_bytes."""
        with os.fdopen(os.memfd_create("copy"), "wb", buffering=0) as copy:
            copy.write(self.read_bytes(inside, limit=limit))
            yield f"/proc/self/fd/{copy.fileno()}"

    def read_text(self, inside: Inside, *, limit: int = READ_LIMIT) -> str:
        """Like read_bytes, as UTF-8 (undecodable bytes kept as surrogates), NUL padding dropped."""
        return self.read_bytes(inside, limit=limit).replace(b"\0", b"").decode("utf-8", "surrogateescape")

    def read_optional(self, inside: Inside) -> str | None:
        """Text, or None where it is absent, unreadable or no file. For facts whose absence is an answer."""
        try:
            return self.read_text(inside)
        except OSError as err:
            absent(err)
            return None

    def names(self, inside: Inside) -> list[str]:
        """Sorted names in a directory; [] where there is none or it cannot be listed."""
        try:
            return sorted(os.listdir(self.place(inside)))
        except OSError as err:
            absent(err)
            return []

    def numbers(self, inside: Inside, word: str = "") -> list[int]:
        """Sorted numbers among the names in a directory, of those that are ``word`` and a number."""
        names = (n[len(word) :] for n in self.names(inside) if n.startswith(word))
        return sorted(int(n) for n in names if n.isascii() and n.isdecimal())

    def listing(self, inside: Inside, limit: int) -> Listing:
        """What is in a directory, by kind and without asking for each; at most ``limit`` entries are looked at."""
        found = Listing([], [], [])
        try:
            with os.scandir(self.place(inside)) as entries:
                for entry in itertools.islice(entries, limit):
                    folder = entry.is_dir(follow_symlinks=False)
                    kind = found.links if entry.is_symlink() else found.folders if folder else found.others
                    kind.append(entry.name)
        except OSError as err:
            absent(err)
        for names in found:
            names.sort()
        return found

    def exists(self, inside: Inside) -> bool:
        """Whether anything is there, links followed below the root."""
        try:
            return os.path.exists(self.place(inside))
        except OSError:
            return False

    def is_dir(self, inside: Inside) -> bool:
        """Whether a directory is there, links followed below the root."""
        try:
            return os.path.isdir(self.place(inside))
        except OSError:
            return False

    def require_readable(self, inside: Inside) -> None:
        """Raises OSError where something is there, or may be, that cannot be looked into; nothing there is fine."""
        try:
            path = self.place(inside)
            if stat.S_ISDIR(os.stat(path).st_mode):
                os.listdir(path)
        except OSError as err:
            if err.errno not in NO_LINK:
                raise

    def status(self, inside: Inside, *, follow: bool = True) -> os.stat_result | None:
        """stat (``follow=False``: lstat) of the path, None where there is nothing."""
        try:
            # Below another root every link on the way is resolved already; on `/` the last one is not.
            return os.stat(self.place(inside, follow=follow), follow_symlinks=follow)
        except OSError:
            return None

    def free_bytes(self, inside: Inside) -> int:
        """Bytes root may still write in the file system of a path. Raises OSError where there is none."""
        status = os.statvfs(self.place(inside))
        return status.f_bfree * status.f_frsize

    def readlink(self, inside: Inside) -> str | None:
        """Target text of a link, None where there is no link."""
        try:
            return os.readlink(self.place(inside, follow=False))
        except OSError:
            return None

    def inside(self, real: Path) -> PurePosixPath:
        """The path inside the root of a real path below it."""
        return PurePosixPath("/") / real.relative_to(self.root).as_posix()


def _straight(path: str, follow: bool) -> bool:
    """Whether no link lies on the way to what is there: the kernel's own name for it is this very path."""
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
        try:
            return os.readlink(f"/proc/self/fd/{fd}") == path
        finally:
            os.close(fd)
    except (OSError, ValueError):
        return False


def _link(path: str) -> str | None:
    """Where a link leads, None for anything else: asked once, for between two questions it may become another."""
    try:
        return os.readlink(path)
    except ValueError:  # a NUL in a name: nothing is there
        return None
    except OSError as err:
        if err.errno in NO_LINK:
            return None
        raise


def real(root: Sysroot, inside: Inside) -> PurePosixPath:
    """``inside`` with every link resolved below the root; unchanged where that cannot be done."""
    try:
        return PurePosixPath(os.path.realpath(inside)) if root.live else root.inside(root.path(inside))
    except OSError:
        return PurePosixPath(inside)


class Parts:
    """One open regular file. ``size`` is its length in bytes, ``budget`` how many may still be read."""

    def __init__(self, fd: int, size: int, budget: int) -> None:
        self._fd = fd
        self.size = size
        self.budget = budget

    def at(self, offset: int, count: int) -> bytes:
        """Exactly ``count`` bytes. Raises EOFError where the file has fewer there, or the budget is spent."""
        if offset < 0 or count < 0 or offset + count > self.size:
            raise EOFError("outside the file")
        if count > self.budget:
            raise EOFError("the budget is spent")
        self.budget -= count
        data = os.pread(self._fd, count, offset)
        if len(data) != count:  # it was cut while we read
            raise EOFError("outside the file")
        return data

    def up_to(self, offset: int, count: int) -> bytes:
        """Like ``at``, with what is left where the file ends before ``count``."""
        return self.at(offset, min(count, max(self.size - offset, 0)))


def digest_of(root: Sysroot, inside: Inside) -> str:
    """``digested``, as records have it."""
    return f"sha256:{digested(root, inside).hex()}"


def digested(root: Sysroot, inside: Inside, algorithm: str = "sha256", *, follow: bool = True) -> bytes:
    """The digest of a regular file of any size, read in pieces. Raises OSError (``follow=False``: for a link too);
    ValueError for an algorithm that there is not."""
    import hashlib  # heavy

    found = hashlib.new(algorithm)
    try:
        with parts_of(root, inside, 1 << 62, follow=follow) as parts:
            for place in range(0, parts.size, 1 << 20):
                found.update(parts.up_to(place, 1 << 20))
    except EOFError as err:
        raise OSError(errno.EIO, "it was cut while it was read", str(inside)) from err
    return found.digest()


@contextlib.contextmanager
def parts_of(root: Sysroot, inside: Inside, budget: int, *, follow: bool = True) -> Iterator[Parts]:
    """Open a regular file to read parts of it. Raises OSError where it is absent, unreadable or no regular file."""
    way = 0 if follow else os.O_NOFOLLOW
    fd = os.open(root.path(inside, follow=follow), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | way)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(inside))
        yield Parts(fd, status.st_size, budget)
    finally:
        os.close(fd)
