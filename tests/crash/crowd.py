"""Many processes at once, and signals at any moment, on the real command line.

    python tests/crash/crowd.py [--processes N] [--signals N] [--workers N]

N processes apply, roll back, read and recover at once; N applies and rollbacks get a signal at a random moment. Their
exit code must be the truth and nothing may be torn. Exit 1 when anything was wrong. The boot image is a stand-in.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import commands
import injector
import workers
from harness import STATE, copy, snapshot
from table import APPLY, Tree

COMMANDS = (APPLY, ("rollback", "--yes"), ("status", "--json"), ("plan", "--profile", "layered"), ("recover",))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RUN = (
    "import sys; sys.path[:0] = sys.argv[1].split(':'); import commands; commands.begin();"
    "commands.alone(sys.argv[2], sys.argv[3:])"
)
PATHS = ":".join([str(Path(__file__).parent), *(p for p in sys.path if "site-packages" in p)])


def start(root: Path, argv: Sequence[str]) -> subprocess.Popen[str]:
    """A process of its own, with all of Python's start and end."""
    command = [sys.executable, "-B", "-c", RUN, PATHS, str(root), *argv]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def left(root: Path) -> list[str]:
    """What no finished run may leave."""
    found = [str(p) for p in (root / STATE).glob("tx*")] if (root / STATE).exists() else []
    return found + [name for name in snapshot(root) if "/.rdna-installer." in name]


def _numberless(tree: Tree) -> dict[str, object]:
    """Whichever generation wrote it: a file says so in its first line."""
    return {
        name: (*look, _NUMBER.sub(b"generation", held) if isinstance(held, bytes) else held)
        for name, (*look, held) in tree.items()
    }


_NUMBER = re.compile(rb"generation \d+")


class Bench:
    """The machine before and after."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.base, self.applied = work / "base", work / "applied"
        commands.seed(self.base)
        copy(self.base, self.applied)
        self._must(self.applied, APPLY)
        self.ends = (snapshot(self.base), snapshot(self.applied))

    def _must(self, root: Path, argv: Sequence[str]) -> str:
        child = start(root, argv)
        said, err = child.communicate(timeout=120)
        assert child.returncode == 0, (argv, said, err)
        return said

    def crowd(self, count: int) -> Iterator[str]:
        """What is wrong after ``count`` processes at once."""
        root = copy(self.base, self.work / "crowd")
        running = [(COMMANDS[n % len(COMMANDS)][0], start(root, COMMANDS[n % len(COMMANDS)])) for n in range(count)]
        codes: Counter[str] = Counter()
        for name, child in running:
            err = child.communicate(timeout=300)[1]
            codes[f"{name} {child.returncode}"] += 1
            if child.returncode not in (0, 3) or "Traceback" in err:
                yield f"{name}: exit {child.returncode}: {err[-500:]}"
        print(f"{count} processes at once: {dict(codes)}")
        self._must(root, ("recover",))
        if _numberless(snapshot(root)) not in map(_numberless, self.ends) or left(root):
            yield f"torn: {left(root)}"
        if drift := [o["drift"] for o in json.loads(self._must(root, ("status", "--json")))["owners"] if o["drift"]]:
            yield f"drift: {drift}"

    def signalled(self, number: int) -> tuple[str, str]:
        """One run with a signal at a random moment: how it ended, and what is wrong."""
        chance = random.Random(number)
        base, argv = (self.base, APPLY) if number % 2 else (self.applied, ("rollback", "--yes"))
        root = copy(base, Path(tempfile.mkdtemp(dir=self.work)) / "root")
        try:
            return self._signalled(root, argv, self.ends if number % 2 else self.ends[::-1], chance)
        finally:
            shutil.rmtree(root.parent)

    def _signalled(
        self, root: Path, argv: Sequence[str], ends: tuple[Tree, Tree], chance: random.Random
    ) -> tuple[str, str]:
        child = start(root, argv)
        ready = child.stderr.readline() if child.stderr else ""  # "begin": imports are done, our handlers matter
        time.sleep(chance.random() ** 2 * 0.5)
        child.send_signal(chance.choice(SIGNALS))
        _, err = child.communicate(timeout=120)
        now, code = snapshot(root), child.returncode
        ended = f"exit {code}" if code >= 0 else signal.Signals(-code).name
        if "Traceback" in err or code not in (0, 1, 130, *(-s for s in SIGNALS)):
            return ended, f"{ready}{err[-700:]}"
        if code >= 0 and (now != ends[not code] or left(root)):
            return ended, f"{ended}, but the tree is not so: {left(root)} {err[-500:]}"
        done = injector.run(lambda: (commands.stand_in(), commands.call(root, ("recover",)))[1])
        if done.code:
            return ended, f"recover: {done}"
        return ended, "" if snapshot(root) in ends and not left(root) else f"torn: {left(root)}"


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--signals", type=int, default=500)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    for number in SIGNALS:  # what was ignored here (nohup, a shell's &) would be ignored in every child
        signal.signal(number, signal.SIG_DFL)
    commands.prepare()
    memory = Path("/dev/shm")
    work = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    try:
        bench = Bench(work)
        wrong = list(bench.crowd(chosen.processes))
        results = workers.share(bench.signalled, range(chosen.signals), chosen.workers)
    finally:
        shutil.rmtree(work)
    print(f"{chosen.signals} signals: {dict(Counter(ended for ended, _ in results))}")
    wrong += [problem for _, problem in results if problem]
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
