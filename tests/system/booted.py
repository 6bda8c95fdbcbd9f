"""A Debian root whose own systemd runs as PID 1 of namespaces of its own: real units, started in about a second.

No boot of a kernel: no udev, no modules, /sys read-only. What the kernel command line says to systemd are the words
given to ``boot`` (a container's systemd reads its own arguments); programs see them in /proc/cmdline. Each boot has an
id of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from debian_machine import ENVIRONMENT, Machine

HYBRID = Path("/sys/fs/cgroup/unified")
CGROUPS = HYBRID if HYBRID.is_dir() else Path("/sys/fs/cgroup")
SECONDS = 60.0  # until PID 1 answers, however busy this machine is
PATIENCE = 900.0  # for one command: only what hangs takes that long

# ROOT CGROUP PROC WORDS…: becomes the PID 1 of ROOT. PROC has what is told otherwise in /proc; the devices are nodes of
# this machine, in a /dev of its own.
BOOT = r"""
set -eu
root=$1 group=$2 told=$3
shift 3
echo 0 >"$group/cgroup.procs"
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind "$told/cmdline" "$root/proc/cmdline"
mount --bind "$told/boot_id" "$root/proc/sys/kernel/random/boot_id"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,gid=5 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
exec unshare --cgroup sh -eu -c '
    root=$1
    shift
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    mkdir -p "$root/.old"
    cd "$root"
    pivot_root . .old
    cd /
    umount -l /.old
    mount --make-rshared /
    exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
        /sbin/init --log-target=journal --show-status=no "$@"' sh "$root" "$@"
"""


def missing() -> str | None:
    """What this machine lacks, or None."""
    absent = [tool for tool in ("unshare", "nsenter") if shutil.which(tool) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return None if (CGROUPS / "cgroup.procs").exists() else "no cgroup v2 here"


@dataclass(frozen=True)
class Booted:
    """A running machine; ``pid`` is its PID 1 as this machine sees it."""

    machine: Machine
    pid: int

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of root's, outside of every unit."""
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        argv = ["nsenter", f"--target={self.pid}", *spaces, f"--root=/proc/{self.pid}/root", "--wd=/", *command]
        env = {**ENVIRONMENT, "HOME": "/root"}
        done = subprocess.run(
            argv, check=False, capture_output=True, env=env, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )
        return subprocess.CompletedProcess(
            argv, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        )

    def must(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}{done.stderr}{self.journal()}"
        return done.stdout

    def journal(self, *units: str) -> str:
        """What was logged; of some units, or all."""
        return self.run("journalctl", "-b", "--no-pager", "-o", "cat", *(f"--unit={u}" for u in units)).stdout

    def start(self, unit: str) -> None:
        """Start it and wait for its end (oneshot) or its start, whatever it says."""
        self.run("systemctl", "start", unit)

    def ended(self, unit: str) -> None:
        """Wait until a service has run to its end."""
        end = time.monotonic() + PATIENCE
        while self.state(unit, "ActiveState") in ("active", "activating", "deactivating"):
            assert time.monotonic() < end, f"{unit} does not end:\n{self.journal()}"
            time.sleep(0.1)

    def said(self, words: str, unit: str) -> str:
        """What a service has logged, once it has said these words."""
        end = time.monotonic() + PATIENCE
        while words not in (log := self.journal(unit)):
            assert time.monotonic() < end, f"{unit} never said {words!r}:\n{self.journal()}"
            time.sleep(0.2)
        return log

    def state(self, unit: str, what: str) -> str:
        return self.must("systemctl", "show", unit, f"--property={what}", "--value").strip()


@contextlib.contextmanager
def boot(machine: Machine, *words: str, target: str = "basic.target") -> Iterator[Booted]:
    """Start the machine's systemd up to ``target``; it is ended with all its processes afterwards."""
    group = CGROUPS / f"rdna-test-{os.getpid()}-{machine.root.parent.name}"
    group.mkdir()
    told = machine.root.parent / "proc"
    told.mkdir(exist_ok=True)
    (told / "cmdline").write_text(" ".join(("quiet", *words)) + "\n")
    (told / "boot_id").write_text(f"{uuid.uuid4()}\n")
    spaces = ("--net", "--mount", "--pid", "--fork", "--uts", "--ipc", "--propagation=private")
    argv = ["unshare", *spaces, "sh", "-c", BOOT, "sh", str(machine.root), str(group), str(told)]
    with (machine.root.parent / "console").open("wb") as console:
        starter = subprocess.Popen(
            [*argv, f"--unit={target}", *words],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env=ENVIRONMENT,
        )
    try:
        running = Booted(machine, _first_process(starter, machine))
        _wait_until_up(running, target)
        yield running
    finally:
        (group / "cgroup.kill").write_text("1")
        starter.wait()
        _remove(group)


def _first_process(starter: subprocess.Popen[bytes], machine: Machine) -> int:
    """The child of unshare, once it is systemd."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and starter.poll() is None:
        children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            return int(children[0])
        time.sleep(0.05)
    raise AssertionError(f"systemd did not start:\n{(machine.root.parent / 'console').read_text(errors='replace')}")


def _wait_until_up(running: Booted, target: str) -> None:
    end = time.monotonic() + SECONDS
    while running.run("systemctl", "is-active", "--quiet", target).returncode != 0:
        assert time.monotonic() < end, f"{target} never came:\n{running.journal()}"
        time.sleep(0.1)


def _remove(group: Path) -> None:
    """What systemd has made below it too; the processes are gone in a moment."""
    end = time.monotonic() + SECONDS
    while group.exists():
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        assert time.monotonic() < end, f"{group} stays"
        time.sleep(0.02)
