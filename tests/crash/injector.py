"""Run one command in a forked child, and let strace attach to it before it begins: a fault costs a tenth of a second.

Everything is imported before the fork, so every traced call is the command's own work.
"""

from __future__ import annotations

import collections
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from harness import CALLS, Fault, Outcome

LINE = re.compile(r"^(?:(\d+) +)?(\w+)\((.*)")
ANY_TRACER = (0x59616D61, ctypes.c_ulong(-1))  # PR_SET_PTRACER: for machines where only parents may trace
SECONDS = 60


def run(
    work: Callable[[], int], fault: Fault | None = None, trace: Path | None = None, *, follow: bool = True
) -> Outcome:
    """The exit code of ``work`` (negative: the signal that ended it) and all it printed.

    ``follow``: a trace is of its children too.
    """
    said = os.memfd_create("said")
    go_read, go_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go_write)
        _child(work, go_read, said)
    os.close(go_read)
    tracer = _attach(pid, fault, trace, fault.follow if fault else follow) if fault or trace else None
    os.close(go_write)
    code = _wait(pid)
    if tracer is not None:
        tracer.wait(SECONDS)
    os.lseek(said, 0, os.SEEK_SET)
    with os.fdopen(said, "rb") as stream:
        return Outcome(code, stream.read().decode(errors="replace"))


def _child(work: Callable[[], int], go: int, said: int) -> None:
    code = 99
    try:
        ctypes.CDLL(None).prctl(*ANY_TRACER, 0, 0, 0)
        os.read(go, 1)
        os.close(go)
        null = os.open("/dev/null", os.O_RDONLY)
        for number, fd in enumerate((null, said, said)):
            os.dup2(fd, number)
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115 - a standard stream
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8", buffering=1)  # noqa: SIM115
        code = work()
        sys.stdout.flush()
    finally:
        os._exit(code)  # the fault may hit standard output too; the code is what is wanted


def _attach(pid: int, fault: Fault | None, trace: Path | None, follow: bool) -> subprocess.Popen[bytes]:
    calls = fault.call if fault else CALLS
    argv = ["strace", *(["-f"] if follow else []), "-q", "-y", "-e", f"trace={calls}", "-o", str(trace or "/dev/null")]
    argv += ["-e", fault.option] if fault else []
    tracer = subprocess.Popen([*argv, "-p", str(pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{pid}/status")
    while "TracerPid:\t0\n" in status.read_text():
        if tracer.poll() is not None:
            os.kill(pid, signal.SIGKILL)
            raise RuntimeError("strace could not attach (kernel.yama.ptrace_scope?)")
        time.sleep(0.001)
    return tracer


def _wait(pid: int) -> int:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError(f"still running after {SECONDS} s")


def find_places(work: Callable[[], int], trace: Path, *, follow: bool = True) -> list[tuple[str, int]]:
    """All (call, number) that change something, counted per process as strace does."""
    done = run(work, trace=trace, follow=follow)
    assert done.code == 0 or "fails" in done.said or done.code == 1, done
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    found = {}
    for line in trace.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if not match:
            continue
        process, call, arguments = match.groups()
        counts[process, call] += 1
        reading = call == "openat" and "O_CREAT" not in arguments
        printing = call == "write" and re.match("[12][,<]", arguments)
        if not reading and not printing:
            found[call, counts[process, call]] = None
    assert len(found) > 10, f"strace saw only {found}: {done}"
    return list(found)
