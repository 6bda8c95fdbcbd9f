"""Run somebody's command as it would run by itself, and look at what it says on the way."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from rdna_installer.errors import Exit, RdnaError

PIECE = 1 << 16  # bytes
SILENCE = 1.0  # seconds after its end for what it left behind, which may hold the pipes for ever


def watch(argv: Sequence[str], env: Mapping[str, str], take: Callable[[bytes], None]) -> int:
    """Its exit code, 128 and the signal's number where one ended it, as a shell has it.

    Its input is ours, what it says goes where it would have gone, and to ``take``. Ctrl-C is its business alone.
    Raises RdnaError("tool-missing") where it cannot start.
    """
    sys.stdout.flush()
    pipes = {os.pipe(): stream for stream in (1, 2)}
    actions = [(os.POSIX_SPAWN_DUP2, writing, stream) for (_, writing), stream in pipes.items()]
    try:
        # Python ignores SIGPIPE and SIGXFSZ, and what is ignored stays so over an exec.
        default = (signal.SIGPIPE, signal.SIGXFSZ)
        pid = os.posix_spawnp(argv[0], list(argv), dict(env), file_actions=actions, setsigdef=default)
    except OSError as err:
        message = f"cannot start {argv[0]}: {err.strerror}"
        raise RdnaError("tool-missing", message, context=" ".join(argv), exit_code=Exit.REFUSED) from err
    finally:
        for _, writing in pipes:
            os.close(writing)
    was = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(pid, number))
    try:
        status = _tee(pid, {reading: stream for (reading, _), stream in pipes.items()}, take)
    finally:
        for number, handler in was.items():
            signal.signal(number, handler)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _tee(pid: int, streams: dict[int, int], take: Callable[[bytes], None]) -> int:
    """Pass on what comes until both ends are closed, or it has ended and all is silent. Its wait status."""
    status: int | None = None
    while streams:
        ready, _, _ = select.select(list(streams), [], [], SILENCE)
        for reading in ready:
            piece = os.read(reading, PIECE)
            if not piece:
                os.close(reading)
                del streams[reading]
                continue
            take(piece)
            while piece:
                piece = piece[os.write(streams[reading], piece) :]
        if not ready:
            ended, found = os.waitpid(pid, os.WNOHANG) if status is None else (pid, status)
            if ended:
                status = found
                break
    for reading in streams:
        os.close(reading)
    return os.waitpid(pid, 0)[1] if status is None else status
