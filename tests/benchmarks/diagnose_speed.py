#!/usr/bin/env python3
"""Rate and peak memory of `diagnose` against `grep -E` with the same signatures on the same file, in one run.

Both read the file interleaved, several times; the figure is the median of the pairwise ratios, so that a busy machine
shifts both sides. The log is made here (kernel, journal and training lines with progress bars, one failure near the
end), or is the FILE given. ``--near`` mixes in lines that have the words of a signature and are no match, the worst
that can be fed to it: 0.001 is one line in a thousand, 1 is nothing else. ``--real FOLDER`` makes it of the lines of
real logs (*.log below it) in which no signature is: none is ever found, so all stay looked for.
``--words`` gives grep -E the fixed words of the signatures instead of their patterns: what diagnose looks for itself
before it tries a pattern, without the wraps and digits it allows. As they are literal, grep takes its fastest way: the
comparison that favours grep. The patterns, their bounds made stars, cost it more than anybody would pay.
Usage: diagnose_speed.py [--size MB] [--runs N] [--near SHARE] [--real FOLDER] [--words] [FILE]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "installer"))

from rdna_installer.knowledge.load import load_book  # noqa: E402
from rdna_installer.knowledge.signatures import Signatures, load_signatures  # noqa: E402

PROGRAM = [
    sys.executable,
    "-I",
    "-c",
    f"import sys; sys.path.insert(0, {str(PROJECT / 'installer')!r}); "
    "from rdna_installer.cli.app import main; raise SystemExit(main())",
    "diagnose",
    "--json",
]
LINES = (
    "Nov 21 12:{:02d}:{:02d} host kernel: amdgpu 0000:03:00.0: amdgpu: SMU is resumed successfully!\n",
    "[ {:4d}.{:06d}] [drm] PCIE GART of 512M enabled (table at 0x0000008000300000).\n",
    "2026-11-21 12:{:02d}:{:02d},123 INFO trainer: step {} loss=0.{} lr=1e-4 grad_norm=1.23\n",
    " {:3d}%|████      | {}/1000 [00:12<01:00,  9.{}it/s, loss=0.{}]\r",
    "Epoch {}: train loss 0.{}{} acc 0.{} device cuda:0 gpu memory 5.1 GB\n",
    "Nov 21 12:{:02d}:{:02d} host systemd[1]: Started Session {} of User x{}.\n",
    '  File "/usr/lib/python3.11/site-packages/torch/nn/modules/module.py", line {}, in _call_impl {} {} {}\n',
    'level=info msg="GET /api/tags" status=200 took={}.{}ms client=127.0.0.{} id={}\n',
)
FAILURE = (
    "Memory access fault by GPU node-1 (Agent handle: 0x55) on address 0x7f. "
    "Reason: Page not present or supervisor privilege.\n"
)


def near_misses(known: Signatures) -> list[str]:
    """For the words of each signature a line that has them and that no signature matches."""
    lines = [
        f"Nov 21 12:00:00 host app[1]: {w.decode()} (none of it) 0x00\n" for s in known.signatures for w in s.words
    ]
    return [line for line in lines if not any(s.search(line.encode()) for s in known.signatures)]


def make_log(path: Path, size: int, near: float, known: Signatures) -> None:
    """A log of ``size`` bytes, the same every time."""
    dice = random.Random(1)
    misses = near_misses(known) if near else []
    with path.open("w", encoding="utf-8", newline="") as file:
        left = size
        while left > 0:
            usual = [dice.choice(LINES).format(*(dice.randrange(60) for _ in range(4))) for _ in range(5000)]
            left -= file.write("".join(dice.choice(misses) if dice.random() < near else line for line in usual))
        file.write(FAILURE)


def make_real(path: Path, size: int, folder: Path, known: Signatures) -> None:
    """A log of ``size`` bytes of real lines, those of each log together, without those that are a failure or noise."""
    texts = (log.read_bytes() for log in sorted(folder.rglob("*.log")))
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    plain = b"".join(line for line in lines if not any(s.search(line) for s in known.signatures))
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(plain)


def word_for_grep(word: bytes) -> str:
    """A word of ours as a POSIX pattern: literal, so that grep takes its fastest way (digits may not stand in it)."""
    return re.sub(r"([][\\.*^$(){}+?|/])", r"\\\1", word.decode())


def for_grep(pattern: str) -> str:
    """A pattern of ours as a POSIX one: look-ahead left out, bounds of dots to stars (bounds make grep slow)."""
    text = re.sub(r"\(\?!(?:[^()]|\([^()]*\))*\)", "", pattern)
    text = re.sub(r"\(\?(?::|P<\w+>)", "(", text)
    text = re.sub(r"(\.|\[\^\\n\]|\\S|\\w|\\W|\[[^]]+\])\{[01],[0-9]{2,3}\}\??", r"\1*", text)
    text = text.replace("[^\\n]", ".").replace("[\\w.]", "[[:alnum:]_.]").replace("[\\w.-]", "[[:alnum:]_.-]")
    return text.replace("[^\\s:]", "[^[:space:]:]").replace("\\n", "$")


def spend(argv: list[str]) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak memory (KiB) of one process."""
    start = time.perf_counter()
    out = os.open(os.devnull, os.O_WRONLY)
    read, write = os.pipe()  # grep stops at the first match when it sees /dev/null itself
    pid = os.posix_spawn(
        argv[0], argv, {**os.environ, "LC_ALL": "C.UTF-8"}, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)]
    )
    os.close(write)
    while os.read(read, 1 << 16):
        pass
    os.close(read)
    os.close(out)
    _, _, usage = os.wait4(pid, 0)
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def measure(log: Path, patterns: Path, runs: int) -> None:
    """Print the ratios."""
    grep = ["/usr/bin/grep", "-aE", "-f", str(patterns), str(log)]
    size = log.stat().st_size / 1e6
    walls, cpus, rates, peaks = [], [], [], []
    for _ in range(runs):
        wall, cpu, _ = spend(grep)
        own_wall, own_cpu, peak = spend([*PROGRAM, str(log)])
        walls.append(wall / own_wall)
        cpus.append(cpu / own_cpu)
        rates.append(size / own_wall)
        peaks.append(peak)
    print(f"{size:.0f} MB, {runs} runs: diagnose {statistics.median(rates):.0f} MB/s, peak {max(peaks) / 1024:.0f} MB")
    print(
        f"rate of diagnose / rate of grep -E: {statistics.median(walls):.2f} (CPU time {statistics.median(cpus):.2f})"
    )


def main() -> int:
    ask = argparse.ArgumentParser()
    ask.add_argument("file", nargs="?", type=Path)
    ask.add_argument("--size", type=int, default=200, help="MB")
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--near", type=float, default=0, help="share of near misses, 0 to 1")
    ask.add_argument("--real", type=Path, help="make the log of the lines of real ones below this folder")
    ask.add_argument("--words", action="store_true", help="give grep the words instead of the patterns")
    args = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        patterns = Path(folder, "patterns")
        known = load_signatures(load_book().targets.targets)
        words = [word_for_grep(w) for s in known.signatures for w in s.words]
        texts = words if args.words else [for_grep(p) for s in known.signatures for p in s.patterns]
        patterns.write_text("\n".join(dict.fromkeys(texts)) + "\n", encoding="utf-8")
        log = args.file or Path(folder, "made.log")
        if args.file is None and args.real:
            make_real(log, args.size * 1_000_000, args.real, known)
        elif args.file is None:
            make_log(log, args.size * 1_000_000, args.near, known)
        measure(log, patterns, args.runs)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
