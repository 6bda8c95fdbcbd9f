"""Run the driver under strace with one fault in it, and say what became of the machine.

A fault is one system call, counted by name (``strace -e inject``). Only calls that change something are hit: those
that create, write, rename, remove, sync or dress files.
"""

from __future__ import annotations

import collections
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import driver
import pytest

DRIVER = Path(driver.__file__)
STATE = "var/lib/rdna-installer"
CALLS = (
    "openat,write,pwrite64,ftruncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,"
    "symlinkat,fsync,fdatasync,fchmod,fchown,fchownat,utimensat,fsetxattr"
)
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: no faults injected")


@dataclass(frozen=True)
class Fault:
    """The ``number``th call of this name; ``what`` is a strace action (``signal=SIGKILL``, ``error=EIO``)."""

    call: str
    number: int
    what: str = "signal=SIGKILL"
    sticky: bool = False

    @property
    def kills(self) -> bool:
        return self.what.startswith("signal")

    @property
    def option(self) -> str:
        return f"inject={self.call}:{self.what}:when={self.number}{'+' if self.sticky else ''}"

    def __str__(self) -> str:
        return f"{self.what} at {self.call} {self.number}{'+' if self.sticky else ''}"


@dataclass(frozen=True)
class Outcome:
    code: int
    said: str


def start(
    root: Path, command: str, *, fault: Fault | None = None, defect: str = "", trace: Path | None = None
) -> Outcome:
    # The real interpreter, not a shim: counts are per process.
    argv = [os.path.realpath(sys.executable), "-S", "-E", "-B", str(DRIVER), str(root), command, defect]
    if fault or trace:
        tracing = ["-y", "-e", f"trace={fault.call if fault else CALLS}", "-o", str(trace or "/dev/null")]
        # strace 6.1 loses injected signals with --seccomp-bpf; for errors it is right, and twice as fast.
        fast = ["--seccomp-bpf"] if fault and not fault.kills else []
        argv = ["strace", "-f", "-q", *fast, *tracing, *(["-e", fault.option] if fault else []), *argv]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return Outcome(done.returncode, done.stdout + done.stderr)


def find_faults(root: Path, command: str, work: Path) -> list[tuple[str, int]]:
    """All (call, number) of a run that change something. ``root`` is used up."""
    trace = work / "trace"
    start(root, command, trace=trace)
    counts: collections.Counter[str] = collections.Counter()
    found = []
    for line in trace.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if not match:
            continue
        call, arguments = match.groups()
        counts[call] += 1
        harmless = (call == "openat" and "O_CREAT" not in arguments) or (
            call == "write" and re.match("[12][,<]", arguments)
        )
        if not harmless:
            found.append((call, counts[call]))
    assert len(found) > 10, f"strace saw only {found}"
    return found


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything but our own state: kind, mode, owner, xattrs, content or link."""
    seen: dict[str, tuple[object, ...]] = {}
    for folder, names, files in os.walk(root):
        if STATE.endswith(os.path.basename(folder)) and folder == str(root / STATE):
            names.clear()
            continue
        for name in [*names, *files]:
            path = Path(folder, name)
            if path == root / STATE:
                continue
            status = path.lstat()
            look = (stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
            xattrs = tuple(
                (k, os.getxattr(path, k, follow_symlinks=False)) for k in os.listxattr(path, follow_symlinks=False)
            )
            held = (
                path.read_bytes() if stat.S_ISREG(status.st_mode) else os.readlink(path) if path.is_symlink() else None
            )
            seen[str(path.relative_to(root))] = (*look, xattrs, held)
    return seen


def copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target, symlinks=True)
    return target


@dataclass(frozen=True)
class Scenario:
    """``before``: commands that lead to the starting point; ``command``: what is faulted."""

    name: str
    command: str
    before: tuple[str, ...] = ()
    reaches: str = ""  # where ``command`` leads, if it does not do so by itself
    broken_off: Fault | None = None  # the last of ``before`` is killed here


class Bench:
    """One scenario: its starting point, and the old and the new tree."""

    def __init__(self, scenario: Scenario, work: Path) -> None:
        self.scenario, self.work = scenario, work
        self.base = work / "base"
        driver.seed(self.base)
        for command in scenario.before[:-1] if scenario.broken_off else scenario.before:
            assert start(self.base, command) == Outcome(0, "")
        self.old = snapshot(self.base)
        if scenario.broken_off:
            self._break_off()
        else:
            self.new = self._end_of(scenario.reaches or scenario.command)
        self.reached = self._end_of(scenario.command)

    def _end_of(self, command: str) -> dict[str, tuple[object, ...]]:
        copied = copy(self.base, self.work / "probe")
        start(copied, command)
        seen = snapshot(copied)
        shutil.rmtree(copied)
        return seen

    def _break_off(self) -> None:
        self.new = self._end_of(self.scenario.before[-1])
        killed = start(self.base, self.scenario.before[-1], fault=self.scenario.broken_off)
        assert killed.code in (-9, 137), killed

    def faults(self) -> list[tuple[str, int]]:
        copied = copy(self.base, self.work / "count")
        found = find_faults(copied, self.scenario.command, self.work)
        shutil.rmtree(copied)
        return found

    def run(self, fault: Fault, *, defect: str = "", nested: Fault | None = None) -> str | None:
        """One faulted run on a fresh copy; what is wrong with the result, None when nothing is."""
        root = copy(self.base, Path(tempfile.mkdtemp(dir=self.work)) / "root")
        try:
            return self._judge(root, fault, defect, nested)
        finally:
            shutil.rmtree(root.parent)

    def _judge(self, root: Path, fault: Fault, defect: str, nested: Fault | None) -> str | None:
        done = start(root, self.scenario.command, fault=fault, defect=defect)
        killed = done.code in (-9, 137)
        if not killed and (problem := self._lied(root, done)):
            return problem
        if nested:
            start(root, "recover", fault=nested, defect=defect)
        again = start(root, "recover", defect=defect)
        if again.code != 0:
            return f"recover: {again}"
        return self._torn(root)

    def _lied(self, root: Path, done: Outcome) -> str | None:
        """An exit code is a promise about the tree, before anybody recovers."""
        if done.code not in (0, 1, 3, 6):
            return f"exit {done.code}: {done.said}"
        if "Traceback" in done.said:
            return f"traceback: {done.said}"
        now = snapshot(root)
        if done.code == 0 and now != self.reached:
            return "exit 0 without being applied"
        if done.code in (1, 3) and now != self.old and self.scenario.command != "recover":
            return f"exit {done.code}, but the tree is not the old one: {_difference(now, self.old)}"
        return None

    def _torn(self, root: Path) -> str | None:
        now = snapshot(root)
        if left := [name for name in now if "/.rdna-installer." in name]:
            return f"left behind: {left}"
        if now not in (self.old, self.new):
            return f"torn: {_difference(now, self.old)} / {_difference(now, self.new)}"
        names = {p.name for p in (root / STATE).glob("tx*")} if (root / STATE).exists() else set()
        return f"left in the state: {names}" if names else None


def _difference(now: dict[str, tuple[object, ...]], wanted: dict[str, tuple[object, ...]]) -> list[object]:
    return [(name, now.get(name), wanted.get(name)) for name in {*now, *wanted} if now.get(name) != wanted.get(name)]
