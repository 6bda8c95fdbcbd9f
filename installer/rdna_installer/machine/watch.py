"""Run somebody's command as it would run by itself, and look at what it says on the way."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NoReturn

from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import Waiting, replace_with

PIECE = 1 << 16  # bytes
SILENCE = 1.0  # seconds after its end for what it left behind, which may hold the pipes for ever


def watch(
    argv: Sequence[str], env: Mapping[str, str], take: Callable[[bytes], None], tell: Callable[[str], None]
) -> int:
    """Its exit code, 128 and the signal's number where one ended it, as a shell has it.

    Its input is ours, what it says goes where it would have gone, and to ``take``. Ctrl-C is its business alone; a full
    disk behind our output is not: it runs on, and ``tell`` hears that what it says is lost.
    Raises RdnaError("tool-missing") where it cannot start.
    """
    if shutil.which(argv[0], path=env.get("PATH")) is None:
        raise RdnaError("tool-missing", f"cannot start {argv[0]}: not a program", context=" ".join(argv))
    sys.stdout.flush()
    pipes = {stream: os.pipe() for stream in (1, 2)}
    pid = os.fork()
    if pid == 0:
        _become(argv, env, pipes)
    for _, writing in pipes.values():
        os.close(writing)
    with _its_signals(pid):
        streams = {reading: Waiting(to, "w") for to, (reading, _) in pipes.items()}
        code = os.waitstatus_to_exitcode(_tee(pid, streams, take, tell))
    return code if code >= 0 else 128 - code


def page(argv: Sequence[str], env: Mapping[str, str], text: bytes) -> bool:
    """Have a program show ``text`` on our terminal, until its reader leaves; False where there is no such program."""
    if not argv or shutil.which(argv[0], path=env.get("PATH")) is None:
        return False
    sys.stdout.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(argv, env, {0: (writing, reading)})
    os.close(reading)
    with _its_signals(pid):
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
            pipe.write(text)
        os.waitpid(pid, 0)
    return True


@contextlib.contextmanager
def _its_signals(pid: int) -> Iterator[None]:
    """Ctrl-C is its business alone, and it hears of our end."""
    was = {signal.SIGTERM: signal.signal(signal.SIGTERM, lambda number, _: os.kill(pid, number))}
    was[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in was.items():
            signal.signal(number, handler)


def _become(argv: Sequence[str], env: Mapping[str, str], pipes: Mapping[int, tuple[int, int]]) -> NoReturn:
    try:
        for stream, (_, writing) in pipes.items():
            os.dup2(writing, stream)
        replace_with(argv, env)
    except BaseException as err:
        os.write(2, f"{err}\n".encode())
    finally:
        os._exit(127)


def _tee(pid: int, streams: dict[int, Waiting], take: Callable[[bytes], None], tell: Callable[[str], None]) -> int:
    """Pass on what comes until both ends are closed, or it has ended and all is silent. Its wait status."""
    lost: set[int] = set()
    while streams:
        ready = select.select(list(streams), [], [], SILENCE)[0]
        for reading in ready:
            piece = os.read(reading, PIECE)
            if not piece:
                del streams[reading]
            take(piece)
            try:
                while piece and reading not in lost:
                    piece = piece[streams[reading].write(piece) :]
            except OSError as err:
                if not lost:
                    why = (err.strerror or str(err)).lower()
                    tell(f"note: the command's output cannot be passed on ({why}); the command runs on")
                lost.add(reading)
        if not ready and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
    return os.waitpid(pid, 0)[1]
