"""The only place that starts child processes: scrubbed environment, time limit, no shell, chroot for ``--root``."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, NoReturn, TypeVar

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import User
from rdna_installer.record import record

if TYPE_CHECKING:
    import subprocess

    Child = subprocess.Popen[bytes]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OUTPUT_LIMIT = 16 << 20  # bytes kept of each stream: what a hostile child says must not fill our memory
LINE_LIMIT = 1 << 16  # bytes of one line
KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TERM", "TZ", "NO_COLOR")

T = TypeVar("T")


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


def run(
    argv: Sequence[str],
    *,
    root: Sysroot | None = None,
    user: User | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str = "/",
    timeout: float = 60.0,
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run one program and wait. ``root``: below a chroot; ``user``: with that user's ids and groups.

    ``on_line`` gets each line of output as it comes (progress); both streams are then merged into ``out``.
    The child has its own session and is killed with all of it at the time limit (code 124). Raises
    RdnaError("tool-missing") when the program is not there.
    """
    import subprocess  # a tenth of click's own cost, and most commands start nothing

    command = list(argv)
    if root is not None and not root.live:
        command = ["chroot", str(root.root), *command]
    stderr = subprocess.STDOUT if on_line else subprocess.PIPE
    drop = user if user is not None and os.geteuid() != user.uid else None
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=clean_environment(env),
            cwd=cwd,
            start_new_session=True,
            user=drop.uid if drop else None,
            group=drop.gid if drop else None,
            extra_groups=[] if drop else None,
        )
    except (FileNotFoundError, PermissionError) as err:
        raise RdnaError(
            "tool-missing", f"cannot start {argv[0]}: {err.strerror}", context=" ".join(argv), exit_code=Exit.REFUSED
        ) from err
    return _collect(child, timeout, on_line)


def _collect(child: subprocess.Popen[bytes], timeout: float, on_line: Callable[[str], None] | None) -> Finished:
    pipes = [pipe for pipe in (child.stdout, child.stderr) if pipe is not None]
    said = {pipe.fileno(): bytearray() for pipe in pipes}
    begun = dict.fromkeys(said, b"")  # lines that have not ended yet
    try:
        for fd, chunk in _chunks(child, set(said), time.monotonic() + timeout):
            if on_line:
                begun[fd] = _tell(begun[fd] + chunk, on_line)
            if len(said[fd]) < OUTPUT_LIMIT:
                said[fd] += chunk
    except BaseException:
        _kill_session(child)
        child.wait()
        raise
    expired = child.poll() is None
    if expired:
        _kill_session(child)
        child.wait()
    for pipe in pipes:
        pipe.close()
    out, err = (*(bytes(text) for text in said.values()), b"")[:2]
    return Finished(124 if expired else child.returncode, out, err)


def _chunks(child: subprocess.Popen[bytes], pipes: set[int], deadline: float) -> Iterator[tuple[int, bytes]]:
    """What a child says, as it comes: until the end, the deadline, or a second of silence after it has gone.

    A daemon it left behind may hold the pipes for ever; nobody waits for that.
    """
    while pipes and (left := deadline - time.monotonic()) > 0:
        readable, _, _ = select.select(list(pipes), [], [], min(left, 1.0))
        if not readable and child.poll() is not None:
            return
        for fd in readable:
            chunk = os.read(fd, 1 << 16)
            if chunk:
                yield fd, chunk
            else:
                pipes.discard(fd)
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)


def _tell(said: bytes, on_line: Callable[[str], None]) -> bytes:
    """Call ``on_line`` for each whole line; what is left has not ended yet (of a line without end, its last part)."""
    *lines, rest = said.split(b"\n")
    for line in lines:
        on_line(line.decode("utf-8", "replace").rstrip())
    return rest[-LINE_LIMIT:]


def _kill_session(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def start_watched(
    argv: Sequence[str], user: User | None, env: Mapping[str, str], streams: tuple[int, int], keep: Sequence[int]
) -> Child:
    """Start a child that writes into open files (stdout, stderr; ``keep`` stay open in it), in a session of its own.

    For children that may never end; ``machine.watch`` looks after them. Raises RdnaError("tool-missing").
    """
    import subprocess

    drop = user if user is not None and os.geteuid() != user.uid else None
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=streams[0],
            stderr=streams[1],
            env=clean_environment(env),
            cwd="/",
            pass_fds=tuple(keep),
            start_new_session=True,
            user=drop.uid if drop else None,
            group=drop.gid if drop else None,
            extra_groups=_groups_of(drop) if drop else None,
        )
    except OSError as err:
        raise RdnaError("tool-missing", f"cannot start {argv[0]}: {err.strerror}", context=" ".join(argv)) from err


def _groups_of(user: User) -> list[int]:
    """A GPU is opened by the user's group render or video."""
    return os.getgrouplist(user.name, user.gid)


@contextlib.contextmanager
def filtered(argv: Sequence[str], root: Sysroot, inside: Inside, offset: int) -> Iterator[IO[bytes]]:
    """The output of a filter (a program of this machine, never of the root) reading a file from ``offset`` bytes on.

    It is read as it comes, so that memory stays small, and the filter is ended with the context, however much was
    read. Raises RdnaError("tool-missing") and OSError where the file cannot be opened.
    """
    import subprocess

    if find(argv[0]) is None:
        raise RdnaError("tool-missing", f"{argv[0]} is needed to read {inside}", exit_code=Exit.REFUSED)
    with root.path(inside).open("rb") as source:
        source.seek(offset)
        child = subprocess.Popen(
            list(argv),
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            cwd="/",
        )
    with child:  # closes the pipe and waits
        try:
            if child.stdout is not None:
                yield child.stdout
        finally:
            child.kill()


def as_user(user: User, work: Callable[[], T]) -> T:
    """Run ``work`` in a forked child with ``user``'s ids (when we are root and they are not) and return its result.

    Effects on another user's files go through here, so that a link swapped in by that user cannot make root
    write elsewhere. Exceptions travel back. Raises RdnaError("child-died") when the child ends without an answer.
    """
    import pickle

    if os.geteuid() == user.uid:
        return work()
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            _child(user, work, write_end)
        finally:
            os._exit(0)  # also where the parent has died and hears no more: this copy must never go on as if it were it
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not answer:
        raise RdnaError(
            "child-died",
            f"the process working as {user.name} ended with status {os.waitstatus_to_exitcode(status)}",
            exit_code=Exit.INCOMPLETE,
        )
    # The child dropped its rights before it ran, and wrote only what our own code pickled.
    ok, value = pickle.loads(answer)
    if ok:
        return value  # type: ignore[no-any-return]
    raise value


def _child(user: User, work: Callable[[], T], write_end: int) -> None:
    import pickle

    try:
        os.setgroups([])
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
        os.umask(0o022)
        answer = pickle.dumps((True, work()))
    except BaseException as err:  # whatever it is, the parent must hear of it
        answer = pickle.dumps((False, _portable(err)))
    with os.fdopen(write_end, "wb") as pipe:
        pipe.write(answer)


def _portable(err: BaseException) -> BaseException:
    import pickle

    try:
        pickle.loads(pickle.dumps(err))
    except Exception:
        return RdnaError("child-failed", f"{type(err).__name__}: {err}", exit_code=Exit.FAILED)
    return err


def replace_with(argv: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """exec: become another program (``rdna-installer run``). Raises RdnaError("tool-missing") where it cannot start."""
    sys.stdout.flush()
    sys.stderr.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored stays so over an exec
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 - no shell is the point
    except OSError as err:
        message = f"cannot start {argv[0]}: {err.strerror}"
        raise RdnaError("tool-missing", message, context=" ".join(argv), exit_code=Exit.REFUSED) from err


def silence(stream: int) -> None:
    """Point a standard stream at /dev/null: its reader is gone, and Python would try again at its end (exit 120)."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream)
    os.close(null)
