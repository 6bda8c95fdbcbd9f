"""The demo: seven scenes on a sample machine in a scratch folder, with Python 3.10 and nothing else.

Where the modules of the program are there, every command runs now; else their recorded output is shown, and that is
said. Nothing is installed, and nothing outside the scratch folder is read or written. Started by ./install.sh --demo.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NEEDED = ("click", "yaml", "jinja2", "distro")
STATE = "var/lib/rdna-installer"  # our own history, which keeps what was undone
LIMIT = 120  # seconds a step may take
KILL = "from rdna_installer.change import recover; import os; recover.seal = lambda *_: os._exit(137)\n"
RUN = "import sys; from rdna_installer.cli.app import main; sys.exit(main())"


def build(data: Any, root: Path) -> None:
    """The sample machine."""
    for folder in data["folders"]:
        (root / folder).mkdir(parents=True)
    for name, text in data["files"].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        mine = text.replace("{uid}", str(os.getuid())).replace("{gid}", str(os.getgid()))
        (root / name).write_text(mine if name == "etc/passwd" else text)


def fingerprint(root: Path) -> str:
    """One number of everything there but our own history."""
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if not str(name).startswith(STATE):
            what = path.lstat()
            whole.update(f"{name} {what.st_mode:o} {what.st_uid}:{what.st_gid}\n".encode())
            whole.update(path.read_bytes() if path.is_file() else b"")
    return whole.hexdigest()[:16]


def run(step: str, scratch: Path, before: str) -> str:
    """What a step prints. ``KILL``: the program dies when its files are in place and nothing is sealed."""
    if step == "FINGERPRINT":
        return f"before: {before}\nafter:  {fingerprint(scratch / 'sample')}\n"
    words, _, quiet = step.removeprefix("KILL ").partition(" >")
    argv = shlex.split(words)
    if argv[0] == "rdna-installer":
        argv = [sys.executable, "-B", "-c", (KILL if step.startswith("KILL ") else "") + RUN, *argv[1:]]
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(scratch), "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(argv, cwd=scratch, env=env, capture_output=True, text=True, timeout=LIMIT, check=False)
    killed = "Killed\n" if done.returncode == 137 else ""
    return ("" if quiet else done.stdout) + done.stderr + killed


def play(data: Any, live: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Each scene with what its steps print."""
    with tempfile.TemporaryDirectory(prefix="rdna-demo-") as folder:
        scratch = Path(folder)
        if live:
            build(data, scratch / "sample")
        before = fingerprint(scratch / "sample") if live else ""
        for scene in data["scenes"]:
            recorded = data["recorded"].get(scene["title"], {})
            said = {step: run(step, scratch, before) if live else recorded[step] for step in scene["steps"]}
            yield f"{scene['title']}\n{scene['text']}", said


def live() -> bool:
    """Whether the program can run here."""
    sys.path.insert(0, str(HERE.parents[1]))
    try:
        for name in (*NEEDED, "rdna_installer"):
            __import__(name)
    except ImportError:
        return False
    return True


def main() -> None:
    """Show it; on a terminal it waits between the scenes."""
    data = json.loads((HERE / "demo.json").read_text(encoding="utf-8"))
    now, waits = live(), sys.stdin.isatty() and sys.stdout.isatty() and "--no-pause" not in sys.argv
    rows = shutil.get_terminal_size().lines
    print("Sample machine in a folder. Yours is neither read nor changed.")
    if not now:
        of = data["recorded"]
        print(f"Recorded on {of['date']} with version {of['version']}; nothing runs now.")
    for title, said in play(data, now):
        print(f"\n{'=' * 80}\n{title}")
        shown = 3
        for step, text in said.items():
            command = step.removeprefix("KILL ").partition(" >")[0]
            part = f"\n$ {command}\n{text}" if command != "FINGERPRINT" else f"\nThe sample machine\n{text}"
            for line in part.splitlines():
                if waits and shown >= rows - 2:
                    input("-- more: press Enter -- ")
                    shown = 0
                print(line)
                shown += 1
        if waits:
            input("\nPress Enter for the next scene. ")
    print("\nThat was all. No AMD card was used in this demo. On your machine, first look:\n  rdna-installer doctor")


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # the scratch folder goes with us
        signal.signal(number, lambda *_: sys.exit(1))
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:  # closed by who started it
            setattr(sys, stream, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - to the end of all
    try:
        main()
        sys.stdout.flush()
    except (KeyboardInterrupt, EOFError):
        print("\nThe demo was ended. Nothing is left of it.")
    except OSError as err:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else Python says at its end that nobody reads
        if not isinstance(err, BrokenPipeError):
            where = f" ({err.filename})" if err.filename else ""
            sys.exit(f"error: the demo was ended: {(err.strerror or str(err)).lower()}{where}. Nothing is left of it.")
