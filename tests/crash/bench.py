"""One transaction of the driver with a fault in it, in a forked child, and what became of the machine."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import driver
import injector
from harness import STATE, Fault, Outcome, copy, snapshot


def start(root: Path, command: str, *, fault: Fault | None = None, defect: str = "") -> Outcome:
    """The driver in a child forked from here."""
    return injector.run(lambda: driver.main(str(root), command, defect), fault)


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

    def places(self) -> list[injector.Place]:
        """All of the command that change something."""
        copied = copy(self.base, self.work / "count")
        found = injector.find_places(lambda: driver.main(str(copied), self.scenario.command))
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
        names = {p.name for kind in ("tx*", "libraries") for p in (root / STATE).glob(kind)}
        return f"left in the state: {names}" if names else None


def _difference(now: dict[str, tuple[object, ...]], wanted: dict[str, tuple[object, ...]]) -> list[object]:
    return [(name, now.get(name), wanted.get(name)) for name in {*now, *wanted} if now.get(name) != wanted.get(name)]
