"""Cut the power at many points of a command, on a real file system, and say what became of the machine.

    unshare -m python tests/crash/power.py ext4|xfs [COMMAND [PLANTED [POINTS]]]     (as root)

POINTS: how many points of the command are tried (0: all). Prints one JSON line: counts by result, and the bad ones.
ext4 is mounted with noauto_da_alloc: its default hides a missing fsync before a rename.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import driver
import powercut
from bench import start
from harness import STATE, snapshot

MAKE = {
    "ext4": (32 << 20, ["mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=4"]),
    "xfs": (300 << 20, ["mkfs.xfs", "-q", "-f"]),
}
# Commits by time would save a program that forgets its own.
OPTIONS = {"ext4": "loop,noauto_da_alloc,commit=300", "xfs": "loop"}
BEFORE = {"apply": (), "again": ("apply",), "rollback": ("apply",), "recover": ()}
BEFORE |= {"both": (), "both-again": ("both",), "both-rollback": ("both",), "both-recover": ()}
BEFORE |= {"purge": ("apply",), "both-purge": ("both",)}  # (an uninstall is the rollback to what was before us)
# What the power goes in first, where it is about the recovery.
BROKEN_OFF = {"recover": "apply", "both-recover": "both"}
THEIRS = "home/u/.local"  # the second owner's state
SEED = 20240521


def look(root: Path) -> dict[str, tuple[object, ...]]:
    """The tree without both owners' states."""
    return {name: held for name, held in snapshot(root).items() if not name.startswith(THEIRS)}


class Plug:
    """A disk image with a starting point on it."""

    def __init__(self, kind: str, command: str, work: Path) -> None:
        self.kind, self.command, self.work = kind, command, work
        self.base = work / "base.img"
        size, make = MAKE[kind]
        with self.base.open("wb") as image:
            image.truncate(size)
        subprocess.run([*make, str(self.base)], check=True, stdout=subprocess.DEVNULL)
        with self.mounted(self.base) as root:
            root.mkdir()
            driver.seed(root)
            for before in BEFORE[command]:
                assert start(root, before).code == 0
            self.old = look(root)
        self.calls = self._measure()
        if command in BROKEN_OFF:
            self._break_off(BROKEN_OFF[command])
            self.command = "recover"

    @contextlib.contextmanager
    def mounted(self, image: Path) -> Iterator[Path]:
        """The machine's root on the disk."""
        place = self.work / "disk"
        place.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", self.kind, "-o", OPTIONS[self.kind], str(image), str(place)], check=True)
        try:
            yield place / "root"
        finally:
            subprocess.run(["umount", str(place)], check=True)

    def fresh(self) -> Path:
        """A copy of the starting point."""
        image = self.work / "run.img"
        subprocess.run(["cp", "--sparse=always", str(self.base), str(image)], check=True)
        return image

    def _measure(self) -> int:
        """How many calls of an undisturbed run change something; keeps the new tree."""
        first = BROKEN_OFF.get(self.command, self.command)
        with self.mounted(self.fresh()) as root:
            done = start(root, first, defect="cut=0")
            assert done.code == 0, done
            self.new = look(root)
        return int(done.said.split("counted ")[1])

    def _break_off(self, command: str) -> None:
        """Let the starting point be a command that lost its power two thirds on; then count anew."""
        with self.mounted(self.base) as root:
            assert start(root, command, defect=f"cut={self.calls * 2 // 3}").code == powercut.CUT
        with self.mounted(self.fresh()) as root:
            self.calls = int(start(root, "recover", defect="cut=0").said.split("counted ")[1])

    def cut(self, mode: str, number: int, defect: str) -> str:
        """One cut: "before", "after", or what is wrong."""
        image = self.fresh()
        with self.mounted(image) as root:
            done = start(root, self.command, defect=",".join(filter(None, (defect, f"{mode}={number}"))))
        if done.code not in (powercut.CUT, 0):  # 0: a call fewer than when they were counted (a clock's second)
            return f"no cut at {number}: {done}"
        with self.mounted(image) as root:
            again = start(root, "recover")
            if again.code != 0:
                return f"recover: {again.said}"
            found = self._judge(root)
            return self._purged(root) or found if self.command.endswith("purge") else found

    def _purged(self, root: Path) -> str:
        """What is wrong when a purge that lost its power is run again after the recovery."""
        again = start(root, self.command)
        left = [str(p) for p in (root / STATE, root / THEIRS / "state/rdna-installer") if p.exists()]
        now = look(root)
        left += [name for name in {*now, *self.new} if now.get(name) != self.new.get(name)]
        return f"purged again: {again.said} {left}" if again.code or left else ""

    def _judge(self, root: Path) -> str:
        now = look(root)
        if left := [name for name in now if "/.rdna-installer." in name]:
            return f"left behind: {left}"
        if left := [p.name for p in [*(root / STATE).glob("tx*"), *(root / THEIRS).rglob("tx*")]]:
            return f"left in the state: {left}"
        if now in (self.old, self.new):
            return "before" if now == self.old else "after"
        return f"torn: {[name for name in {*now, *self.old} if now.get(name) != self.old.get(name)]}"


def cut_many(kind: str, command: str, defect: str, points: int) -> dict[str, object]:
    """All kinds of cut at ``points`` points (0: at all)."""
    fast = Path("/dev/shm")  # the image of a disk that is going to lose its power need not survive one
    work = Path(tempfile.mkdtemp(dir=fast if fast.is_dir() else None))
    try:
        plug = Plug(kind, command, work)
        places = [(mode, n) for mode in ("cut", "commit", "deaf") for n in range(1, plug.calls + 1)]
        if points:
            places = random.Random(SEED).sample(places, min(points, len(places)))
        results = {f"{mode} {n}": plug.cut(mode, n, defect) for mode, n in places}
    finally:
        shutil.rmtree(work)
    bad = {place: result for place, result in results.items() if result not in ("before", "after")}
    return {**Counter(r for r in results.values() if r in ("before", "after")), "bad": bad}


if __name__ == "__main__":
    given = [*sys.argv[1:], *("apply", "", "0")[len(sys.argv) - 2 :]]
    print(json.dumps(cut_many(given[0], given[1], given[2], int(given[3]))))
