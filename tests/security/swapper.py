"""The hostile user's process: exchanges names of theirs with links to what is root's, as fast as it can.

It swaps in storms with short calms between them, so that transactions are hit in their first step and in their last.
Every storm ends with all names as they were, and ``resting`` holds it there.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
REST, RESTING, TURNS = 0, 1, slice(8, 16)  # in the memory shared with its parent


class Swapper:
    """One such process. ``pairs``: names below ``home``, outermost first, with what their bait leads to."""

    def __init__(self, home: Path, pairs: Sequence[tuple[str, str]], uid: int) -> None:
        self.shared = mmap.mmap(-1, mmap.PAGESIZE)
        self.pairs = [(str(home / name), str(home / "aside" / str(n)), to) for n, (name, to) in enumerate(pairs)]
        self._exchange = ctypes.CDLL(None).renameat2
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                self._work(os.getppid())
            finally:
                os._exit(0)

    @property
    def turns(self) -> int:
        """How many exchanges there were."""
        return int.from_bytes(self.shared[TURNS], "little")

    @contextmanager
    def resting(self) -> Iterator[None]:
        """All names as they were, for the block."""
        self.shared[REST] = 1
        while not self.shared[RESTING]:
            time.sleep(0.0005)
        yield
        self.shared[REST] = 0

    def end(self) -> None:
        """No more."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def _work(self, parent: int) -> None:
        chance = random.Random(os.getpid())
        for pair in self.pairs:
            self._settle(*pair)
        while os.getppid() == parent:
            self._storm(random.Random(chance.random()))
            time.sleep(chance.random() ** 2 * 0.06)
            if self.shared[REST]:
                self.shared[RESTING] = 1
                while self.shared[REST] and os.getppid() == parent:
                    time.sleep(0.0005)
                self.shared[RESTING] = 0

    def _storm(self, chance: random.Random) -> None:
        pairs = chance.sample(self.pairs, chance.randint(1, len(self.pairs)))
        turns = self.turns
        for _ in range(chance.randint(1, 1500)):
            name, bait, to = chance.choice(pairs)
            for _ in range(chance.randrange(2, 9, 2)):
                turns += not self._exchange(AT_FDCWD, name.encode(), AT_FDCWD, bait.encode(), RENAME_EXCHANGE)
            self._settle(name, bait, to)
        self.shared[TURNS] = turns.to_bytes(8, "little")

    def _settle(self, name: str, bait: str, to: str) -> None:
        """The name as it was and the bait a link again, whatever root's work has made of them meanwhile."""
        with suppress(OSError):  # root's work goes on while this looks
            self._put_right(name, bait, to)

    def _put_right(self, name: str, bait: str, to: str) -> None:
        if os.path.islink(name) and os.path.lexists(bait) and not os.path.islink(bait):
            self._exchange(AT_FDCWD, name.encode(), AT_FDCWD, bait.encode(), RENAME_EXCHANGE)
        if not os.path.islink(bait):
            if os.path.lexists(bait):
                os.unlink(bait)
            os.symlink(to, bait)
