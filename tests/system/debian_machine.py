"""A real Debian root with this checkout in it, and commands run in it with and without a terminal."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
CHECKOUT = "/srv/rdna-installer"  # where the checkout is, seen from inside
NOBODY = "65534:65534"
NOT_CLONED = shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis")
PATIENCE = 900  # seconds: only what hangs takes that long, however busy this machine is
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


class Machine:
    """One root to change at will, and commands run in it as somebody without our environment would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(PROJECT, self.path(CHECKOUT), ignore=NOT_CLONED, symlinks=True)

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")

    def argv(self, *command: str, user: str | None = None, cwd: str = CHECKOUT) -> list[str]:
        spec = [f"--userspec={user}"] if user else []
        return ["chroot", *spec, str(self.root), "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, *command]

    def run(
        self, *command: str, user: str | None = None, home: str = "/nonexistent"
    ) -> subprocess.CompletedProcess[str]:
        """Without a terminal: stdin is empty. ``user`` is "uid:gid" (default: root), ``home`` that user's."""
        return subprocess.run(
            self.argv(*command, user=user),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**ENVIRONMENT, "HOME": "/root" if user is None else home},
            timeout=PATIENCE,
        )

    def install(
        self, *options: str, user: str | None = None, home: str = "/nonexistent"
    ) -> subprocess.CompletedProcess[str]:
        return self.run("./install.sh", *options, user=user, home=home)

    def must(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout


class Terminal:
    """A command on a pseudo terminal: wait for words, type, press Ctrl-C."""

    def __init__(self, argv: list[str]) -> None:
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGINT, signal.SIGHUP):  # which nohup has ignored
                signal.signal(number, signal.SIG_DFL)
            os.execvpe(argv[0], argv, {**ENVIRONMENT, "HOME": "/root", "TERM": "xterm"})

    def expect(self, *words: str, timeout: float = PATIENCE) -> None:
        """Wait for one of several words."""
        end = time.monotonic() + timeout
        start = len(self.seen)
        while not any(one in self.seen[start:] for one in words):
            assert self._read(end), f"{words!r} never came; seen:\n{self.seen}"

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def interrupt(self, timeout: float = PATIENCE) -> int:
        """Ctrl-C at a question, again every five seconds as a person would press it; the exit code.

        Python loses a signal that comes between its prompt and its read: the flag is set, and the read waits on.
        """
        end = time.monotonic() + timeout
        self.type("\x03")
        while time.monotonic() < end:
            if not select.select([self.fd], [], [], 5)[0]:
                self.type("\x03")
            elif not self._read(end):
                break
        return self.close()

    def hang_up(self) -> int:
        """The terminal goes, and the kernel signals its foreground group; the exit code."""
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self, timeout: float = PATIENCE) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + timeout
        while self._read(end):
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
        try:
            chunk = os.read(self.fd, 4096) if ready else b""
        except OSError:  # EIO: the other side is gone
            chunk = b""
        self.seen += chunk.decode("utf-8", "replace")
        return bool(chunk)
