"""Programs of root's own: scrubbed environment, time limit, no shell, chroot for ``--root``.

What belongs to somebody else goes through ``machine.foreign``. Not ``subprocess``: it waits for the start without a
limit, and its vfork leaves the parent in a sleep that only SIGKILL ends.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, NoReturn

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.interrupts import SIGNALS
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.record import record

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OUTPUT_LIMIT = 16 << 20  # bytes kept of each stream: what a hostile child says must not fill our memory
LINE_LIMIT = 1 << 16  # bytes of one line
KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TERM", "TZ", "NO_COLOR")
EXPIRED = 124  # the code of a child that ran past its limit
FILES = 64  # open at once; what any command needs is about half of it
FILTER_LIMIT = 120.0  # seconds for all of a boot image
OnLine = Callable[[str], None] | None
OnWait = Callable[[], None] | None
STREAMS = ("stdin", "stdout", "stderr")
REAP = 2.0  # seconds for a killed child to be gone; one that hangs in the kernel is left


@record(frozen=True)
class Finished:
    """How a child ended. ``code`` is negative for a signal, 124 when it ran past its time limit."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode("utf-8", "replace")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What every child gets: a fixed PATH, the locale, and ``extra``; nothing of the caller's HSA_*, LD_*."""
    env = {key: os.environ[key] for key in KEPT if key in os.environ}
    return {"PATH": PATH, "LC_ALL": "C.UTF-8", **env, **(extra or {})}


def find(tool: str, root: Sysroot | None = None) -> str | None:
    """Path (inside the root) of a tool on the fixed PATH, or None."""
    root = root or Sysroot()
    for folder in PATH.split(":"):
        status = root.status(f"{folder}/{tool}")
        if status is not None and stat.S_ISREG(status.st_mode) and status.st_mode & 0o111:
            return f"{folder}/{tool}"
    return None


def find_own(tool: str) -> str | None:
    """Path of a user's own tool by his PATH, else, and for root, of the system's, which anybody may run."""
    from shutil import which

    return (which(tool) if os.geteuid() else None) or find(tool)


def own_command() -> str:
    """This program as it can be typed here: by its whole path where it is not on the PATH."""
    folders = os.environ.get("PATH", "").split(":")
    whole = os.path.basename(sys.argv[0]) == "rdna-installer" and os.path.isabs(sys.argv[0])
    known = not whole or any(os.access(f"{folder}/rdna-installer", os.X_OK) for folder in folders)
    return "rdna-installer" if known else sys.argv[0]


def run(
    argv: Sequence[str],
    *,
    root: Sysroot | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    on_line: OnLine = None,
    on_wait: OnWait = None,
) -> Finished:
    """Run one program of root's own, or of ours, and wait. ``root``: below a chroot.

    ``on_line`` gets each line of output as it comes (progress); both streams are then merged into ``out``.
    ``on_wait`` is called after each second in which nothing came.
    The child has its own session and is killed with all of it at the time limit (code 124), also where it never gets
    as far as to start. Raises RdnaError("tool-missing") when the program is not there; OSError.
    """
    deadline = time.monotonic() + timeout
    command = list(argv) if root is None or root.live else ["chroot", str(root.root), *argv]
    pipes = [os.pipe() for _ in range(1 if on_line else 2)]
    reading, writing = [pair[0] for pair in pipes], [pair[1] for pair in pipes]
    try:
        child = _Tool(command, clean_environment(env), (None, writing[0], writing[-1]))
    except BaseException:
        _close(reading)
        raise
    finally:
        _close(writing)
    try:
        if not child.has_started(deadline):
            return Finished(EXPIRED, b"", b"")
        return _collect(child, reading, deadline, on_line, on_wait)
    except (FileNotFoundError, PermissionError) as err:
        raise RdnaError("tool-missing", f"cannot start {argv[0]}: {err.strerror}", context=" ".join(argv)) from err
    finally:
        child.end()
        _close(reading)


def _close(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)


class _Tool:
    """A program in a session of its own. ``streams``: its standard input, output and errors; None is /dev/null."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], streams: Sequence[int | None]) -> None:
        self._failure, failure = os.pipe()
        # One that came amid the fork would be lost in a hook of Python's, or leave a child that nobody knows.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _become(argv, env, streams, failure, before)
            self.pidfd = os.pidfd_open(self.pid)
        except BaseException:
            os.close(self._failure)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            raise
        finally:
            os.close(failure)
        self.code: int | None = None
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except BaseException:
            self.end()
            raise

    def has_started(self, deadline: float) -> bool:
        """Wait until the program runs; False at the deadline. Raises the OSError with which it could not."""
        if not select.select([self._failure], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        said = os.read(self._failure, 16)
        if said:
            raise OSError(int(said), os.strerror(int(said)))
        return True

    def wait(self, deadline: float) -> int | None:
        """Its status, negative for a signal; None where it still runs at the deadline."""
        if self.code is None and select.select([self.pidfd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def end(self) -> None:
        """Kill its whole session where it still runs, and forget it."""
        if self.wait(0.0) is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):  # it may not have come as far as its own session
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            self.wait(time.monotonic() + REAP)
        _close((self._failure, self.pidfd))


def _become(
    argv: Sequence[str], env: Mapping[str, str], streams: Sequence[int | None], failure: int, mask: set[int]
) -> NoReturn:
    number = 0
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        high = [os.dup(null if fd is None else fd) for fd in streams]
        for place, fd in enumerate(high):
            os.dup2(fd, place)
        for name in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored stays so over an exec
            signal.signal(name, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.chdir("/")
        os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 - no shell is the point
    except OSError as err:
        number = err.errno or 0
    finally:
        os.write(failure, b"%d" % number)
        os._exit(127)


def _collect(child: _Tool, pipes: Sequence[int], deadline: float, on_line: OnLine, on_wait: OnWait) -> Finished:
    said = {fd: bytearray() for fd in pipes}
    begun = dict.fromkeys(said, b"")  # lines that have not ended yet
    for fd, chunk in _chunks(child, set(said), deadline, on_wait or (lambda: None)):
        if on_line:
            begun[fd] = _tell(begun[fd] + chunk, on_line)
        if len(said[fd]) < OUTPUT_LIMIT:
            said[fd] += chunk
    code = child.wait(deadline)
    out, err = (*(bytes(text) for text in said.values()), b"")[:2]
    return Finished(EXPIRED if code is None else code, out, err)


def _chunks(child: _Tool, pipes: set[int], deadline: float, on_wait: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
    """What a child says, as it comes: until the end, the deadline, or a second of silence after it has gone.
    A daemon it left behind may hold the pipes for ever; nobody waits for that."""
    while pipes and (left := deadline - time.monotonic()) > 0:
        readable, _, _ = select.select(list(pipes), [], [], min(left, 1.0))
        if not readable:
            if child.wait(0.0) is not None:
                return
            on_wait()
        for fd in readable:
            chunk = os.read(fd, 1 << 16)
            if chunk:
                yield fd, chunk
            else:
                pipes.discard(fd)


def _tell(said: bytes, on_line: Callable[[str], None]) -> bytes:
    """Call ``on_line`` for each whole line; what is left has not ended yet (of a line without end, its last part)."""
    *lines, rest = said.split(b"\n")
    for line in lines:
        on_line(line.decode("utf-8", "replace").rstrip())
    return rest[-LINE_LIMIT:]


@contextlib.contextmanager
def filtered(argv: Sequence[str], root: Sysroot, inside: Inside, offset: int) -> Iterator[IO[bytes]]:
    """The output of a filter (a program of this machine, never of the root) reading a file from ``offset`` bytes on.

    It is read as it comes, so that memory stays small, and the filter is ended with the context, however much was
    read. Raises RdnaError("tool-missing"), RdnaError("tool-late") where it takes minutes, and OSError where the file
    cannot be opened.
    """
    if find(argv[0]) is None:
        raise RdnaError("tool-missing", f"{argv[0]} is needed to read {inside}", exit_code=Exit.REFUSED)
    reading, writing = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, reading)
        try:
            with root.path(inside).open("rb") as source:
                source.seek(offset)
                child = _Tool(argv, clean_environment(), (source.fileno(), writing, None))
        finally:
            os.close(writing)
        stack.callback(child.end)
        timed = _Timed(reading, time.monotonic() + FILTER_LIMIT, argv[0])
        yield io.BufferedReader(timed)  # type: ignore[type-var]


class _Timed(io.RawIOBase):
    def __init__(self, fd: int, deadline: float, what: str) -> None:
        super().__init__()
        self.fd, self.deadline, self.what = fd, deadline, what

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Raises RdnaError("tool-late")."""
        if not select.select([self.fd], [], [], max(0.0, self.deadline - time.monotonic()))[0]:
            raise RdnaError("tool-late", f"{self.what} was not done after {FILTER_LIMIT:.0f} s", exit_code=Exit.FAILED)
        return os.readv(self.fd, [buffer])


def require_files() -> None:
    """Raises OSError where this process may not open as many files at once as a command may need: with fewer a look
    somewhere fails, and what it did not see could be taken for absent."""
    if 0 < os.sysconf("SC_OPEN_MAX") < FILES:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def replace_with(argv: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """exec: become another program (``rdna-installer run``). Raises RdnaError("tool-missing") where it cannot start."""
    sys.stdout.flush()
    sys.stderr.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored stays so over an exec
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 - no shell is the point
    except (OSError, ValueError) as err:  # an empty name
        name, why = argv[0] or "''", getattr(err, "strerror", "it is empty")
        raise RdnaError("tool-missing", f"cannot start {name}: {why}", context=" ".join(argv)) from err


class Waiting(io.FileIO):
    """An inherited stream, which somebody may have made non-blocking: it waits, where Python's own drops the rest."""

    def __init__(self, fd: int, mode: str) -> None:
        super().__init__(fd, mode, closefd=False)

    def write(self, data: Any) -> int:
        """Some of it, at least a byte. Raises OSError."""
        while (count := super().write(data)) is None:
            select.select([], [self], [])
        return count

    def readinto(self, buffer: Any) -> int:
        """0 at its end only. Raises OSError."""
        while (count := super().readinto(buffer)) is None:
            select.select([self], [], [])
        return count


def silence(stream: int) -> None:
    """Say nothing more on a standard stream: it is lost, and Python would try again at its end (exit 120).

    Its descriptor stays what it is: a program that we start or become may have more luck with it.
    """
    setattr(sys, STREAMS[stream], os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def prepare_streams() -> None:
    """To be called once, before anything is opened or said.

    A closed stream becomes /dev/null, so that no file of ours gets its number. What a stream's encoding cannot say
    (a file name's undecodable bytes, any letter under ``LC_ALL=C``) is escaped visibly instead of failing. What comes
    out is UTF-8 whatever the locale: another encoding gets the part of it that is ASCII. Who is slow is waited for.
    """
    for number, name in enumerate(STREAMS):
        stream, mode = getattr(sys, name), "w" if number else "r"
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            if number:
                utf8 = codecs.lookup(stream.encoding).name == "utf-8"
                stream.reconfigure(encoding="utf-8" if utf8 else "ascii", errors="backslashreplace")
            if _is_inherited(stream, number):
                whole = (io.BufferedWriter if number else io.BufferedReader)(Waiting(number, mode))
                lines = stream.line_buffering
                setattr(sys, name, io.TextIOWrapper(whole, stream.encoding, stream.errors, line_buffering=lines))


def _is_inherited(stream: io.TextIOWrapper, number: int) -> bool:
    raw = getattr(stream.buffer, "raw", stream.buffer)  # python -u has no other below
    return type(raw) is io.FileIO and raw.fileno() == number
