"""Ctrl-C, SIGTERM and SIGHUP as one exception, raised only where a transaction can bear it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """While its ``with`` block runs a signal is only noted; ``check`` raises it, ``raising`` lets it through.

    For the main thread only (Python allows no handlers elsewhere). A signal that comes after the last ``check`` has
    no effect: the work is done. One inside another knows what that one has noted, and ``done`` ends its ``raising``.
    """

    def __init__(self) -> None:
        self.noted = False
        self._at_once = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asked for that
                self._before[number] = signal.signal(number, self._note)
        self.noted = any(outer.noted and not outer._at_once for outer in self._outer())
        return self

    def _outer(self) -> list[Interrupts]:
        owners = (getattr(handler, "__self__", None) for handler in self._before.values())
        return [owner for owner in owners if isinstance(owner, Interrupts)]

    def __exit__(self, *raised: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.noted = True
        if self._at_once:
            raise KeyboardInterrupt

    def check(self) -> None:
        """A safe point. Raises KeyboardInterrupt when a signal has come."""
        if self.noted:
            raise KeyboardInterrupt

    def done(self) -> None:
        """The point of no return: what is left is to say so, and no signal may deny it."""
        for outer in self._outer():
            outer._at_once = False

    @contextmanager
    def raising(self) -> Iterator[None]:
        """A long piece of work that may be broken off anywhere (the initramfs tool)."""
        self._at_once = True
        try:
            self.check()
            yield
        finally:
            self._at_once = False
