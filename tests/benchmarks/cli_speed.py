#!/usr/bin/env python3
"""Wall time and peak memory of detect, plan and verify, as ratios in one run; syscalls of detect over KFD nodes.

The yardstick is the same interpreter importing click and yaml. Runs are interleaved and the median of the
pairwise ratios is printed, so that a busy machine shifts both sides. Usage: cli_speed.py MACHINE_ROOT [RUNS]
where MACHINE_ROOT is a tree rooted like / with a KFD topology (the figures in docs/figures.md: an 8-GPU machine).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BASE = [sys.executable, "-I", "-c", "import click, yaml"]
PROGRAM = [
    sys.executable,
    "-I",
    "-c",
    f"import sys; sys.path.insert(0, {str(PROJECT / 'installer')!r}); "
    "from rdna_installer.cli.app import main; raise SystemExit(main())",
]
COMMANDS = (["detect", "--json"], ["plan", "--json"], ["verify", "--json"])


def run(argv: list[str]) -> tuple[float, int]:
    """Seconds and peak memory (KiB) of one process."""
    start = time.perf_counter()
    pid = os.posix_spawn(
        argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    )
    _, _, usage = os.wait4(pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss


def compare(argv: list[str], runs: int) -> tuple[float, float, int]:
    """Median and worst quartile of the pairwise ratio to the yardstick, and peak memory in KiB."""
    ratios, peaks = [], []
    run(argv)
    for _ in range(runs):
        base, _ = run(BASE)
        own, peak = run(argv)
        ratios.append(own / base)
        peaks.append(peak)
    return statistics.median(ratios), statistics.quantiles(ratios, n=4)[2], max(peaks)


def node_tree(folder: Path, count: int) -> Path:
    """A root with ``count`` GPU nodes (own fixture: gfx90a)."""
    for node in range(1, count + 1):
        place = folder / "sys/class/kfd/kfd/topology/nodes" / str(node)
        place.mkdir(parents=True)
        (place / "properties").write_text(
            f"simd_count 440\nvendor_id 4098\ndevice_id 29711\ngfx_target_version 90010\n"
            f"location_id {node << 8}\ndomain 0\nunique_id {node}\ndrm_render_minor {127 + node}\n"
        )
    return folder


def syscalls(argv: list[str]) -> int | None:
    """Number of system calls of one process, or None without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as table:
        subprocess.run(["strace", "-f", "-c", "-o", table.name, *argv], stdout=subprocess.DEVNULL, check=True)
        total = next(line for line in table if line.rstrip().endswith("total"))
    return int(next(word for word in total.split()[2:] if word.isdigit() and int(word) > 50))


def main() -> int:
    root, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 21
    print(f"{'command':<10} {'ratio (median)':>15} {'upper quartile':>15} {'peak memory':>12}")
    for command in COMMANDS:
        median, upper, peak = compare([*PROGRAM, *command, "--root", root], runs)
        print(f"{command[0]:<10} {median:>14.2f}x {upper:>14.2f}x {peak / 1024:>9.1f} MB")
    for count in (1, 8, 64):
        with tempfile.TemporaryDirectory() as folder:
            calls = syscalls([*PROGRAM, "detect", "--json", "--root", str(node_tree(Path(folder), count))])
        print(f"detect, {count:>2} KFD nodes: {calls if calls is not None else 'no strace:'} system calls")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
