"""A booted guest: start, wait, run commands in it, reboot, cut the power.

qemu in software emulation. A reboot ends qemu (``-no-reboot``); kernel and initrd of the next boot are read from the
disk, where the guest left them. Commands travel over a virtio serial port to /lab/agent in the guest.
"""

from __future__ import annotations

import base64
import lzma
import os
import re
import select
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from disk import Disk
from qmp import Monitor

# How much slower than a quiet two-core machine the waiting may be.
PATIENCE = float(os.environ.get("RDNA_VM_PATIENCE", "10"))
BOOT = 60 * PATIENCE
COMMAND = 120 * PATIENCE
XZ_MAGIC = b"\xfd7zXZ\0"
# norandmaps: qemu keeps translated code by its address, so libraries elsewhere in every process are translated anew.
# mitigations=off: page table isolation is dear under emulation too.
KERNEL_LINE = "root=/dev/vda ro console=ttyS0 loglevel=4 panic=-1 norandmaps nokaslr mitigations=off"
# The guest's clock counts instructions: its own time limits do not hang on how busy this machine is.
CLOCK = ("-icount", "shift=2", "-rtc", "clock=vm")


def uncompressed(kernel: Path) -> Path:
    """The kernel proper out of a vmlinuz, which would unpack itself under emulation; as it is where that fails."""
    packed = kernel.read_bytes()
    start = packed.find(XZ_MAGIC)
    if start < 0:
        return kernel
    kernel.write_bytes(lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(packed[start:]))
    return kernel


class GuestError(AssertionError):
    """The guest did not do what was waited for; carries the end of its console."""


class Guest:
    """One machine with its disk. ``boots`` counts its starts; each has a console-N.log in ``folder``."""

    all_boots = 0  # of all guests of this process

    def __init__(self, disk: Disk, folder: Path, nic: str = "none") -> None:
        self.disk = disk
        self.nic = nic
        self.folder = folder
        self.boots = 0
        self.qemu: subprocess.Popen[bytes] | None = None
        self.monitor: Monitor | None = None
        self._port: socket.socket | None = None
        self._answers = b""

    # --- power ------------------------------------------------------------------------------------------------------

    def start(self, *words: str, cache: str = "writeback") -> None:
        """Switch on; ``words`` are added to the kernel command line. Does not wait."""
        assert self.qemu is None, "it is running"
        self.boots += 1
        Guest.all_boots += 1
        release = self.disk.kernels()[-1]
        kernel = uncompressed(self.disk.read(f"/boot/vmlinuz-{release}", self.folder / "vmlinuz"))
        image = self.disk.read(f"/boot/initrd.img-{release}", self.folder / "initrd.img")
        port, monitor = self.folder / "port", self.folder / "monitor"
        for path in (port, monitor):
            path.unlink(missing_ok=True)
        command = [
            "qemu-system-x86_64",
            "-machine",
            "q35,accel=tcg,sata=off,smbus=off",
            "-cpu",
            "qemu64",
            "-smp",
            "1",
            *CLOCK,
        ]
        command += ["-m", "1536", "-nodefaults", "-display", "none", "-nic", self.nic, "-no-reboot"]
        command += ["-kernel", str(kernel), "-initrd", str(image), "-append", " ".join((KERNEL_LINE, *words))]
        command += ["-drive", f"file={self.disk.path},format=raw,if=virtio,cache={cache}"]
        command += ["-serial", f"file:{self.console_log}", "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
        command += ["-chardev", f"socket,id=lab,path={port},server=on,wait=off"]
        command += ["-device", "virtserialport,chardev=lab,name=lab", "-qmp", f"unix:{monitor},server=on,wait=off"]
        self.qemu = subprocess.Popen(["nice", "-n", "10", *command], stdin=subprocess.DEVNULL)
        self._port = self._connect(port)
        self.monitor = Monitor(self._connect(monitor))

    def boot(self, *words: str, cache: str = "writeback") -> None:
        """Switch on and wait until commands can be run."""
        self.start(*words, cache=cache)
        self.wait_ready()

    def wait_ready(self, timeout: float = BOOT) -> None:
        assert self._line(timeout) == b"ready"

    def wait_off(self, timeout: float = BOOT) -> None:
        """Until the machine has switched itself off: a reboot, a panic."""
        assert self.qemu is not None
        try:
            self.qemu.wait(timeout)
        except subprocess.TimeoutExpired:
            raise self._fault("it does not switch itself off") from None
        self._forget()

    def reboot(self, *words: str) -> None:
        """An orderly one, to the point where commands can be run again."""
        self.shut_down()
        self.boot(*words)

    def shut_down(self) -> None:
        self._send("systemctl reboot")
        self.wait_off()

    def cut(self) -> None:
        """The power is gone."""
        if self.qemu is not None:
            self.qemu.kill()
            self.qemu.wait()
            self._forget()

    def cut_after(self, writes: int, over: Callable[[], bool]) -> int:
        """The power goes after so many more writes to the disk, or once it is ``over``; how many there were."""
        assert self.monitor is not None
        start = self.monitor.writes()
        done = 0
        while done < writes and not over():
            time.sleep(0.01)
            done = self.monitor.writes() - start
        self.cut()
        return done

    def answered(self) -> bool:
        """Whether the script that was sent has ended."""
        assert self._port is not None
        return bool(select.select([self._port], [], [], 0)[0])

    def _forget(self) -> None:
        self.qemu = None
        for connection in (self._port, self.monitor):
            if connection is not None:
                connection.close()
        self._port, self.monitor, self._answers = None, None, b""

    # --- words ------------------------------------------------------------------------------------------------------

    def run(self, script: str, timeout: float = COMMAND) -> tuple[int, str]:
        """A shell script as root: its exit code and what it said (both streams)."""
        self._send(script)
        code, _, said = self._line(timeout).decode().partition(" ")
        return int(code), base64.b64decode(said).decode(errors="replace")

    def must(self, script: str, timeout: float = COMMAND) -> str:
        """The same; anything but exit code 0 is a failure of the test."""
        code, said = self.run(script, timeout)
        if code != 0:
            raise self._fault(f"$ {script}\nexit code {code}\n{said}")
        return said

    def send(self, script: str) -> None:
        """Start a script without waiting for it; nothing else can be run in this boot."""
        self._send(script)

    @property
    def console_log(self) -> Path:
        return self.folder / f"console-{self.boots}.log"

    def console(self) -> str:
        """What this boot has written to its serial console so far, without colours."""
        text = self.console_log.read_text(errors="replace") if self.console_log.exists() else ""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", text)

    def wait_console(self, words: str, timeout: float = BOOT) -> None:
        end = time.monotonic() + timeout
        while words not in self.console():
            if time.monotonic() > end or (self.qemu is not None and self.qemu.poll() is not None):
                raise self._fault(f"{words!r} never came on the console")
            time.sleep(0.2)

    def _connect(self, path: Path) -> socket.socket:
        assert self.qemu is not None
        end = time.monotonic() + BOOT
        connection = socket.socket(socket.AF_UNIX)
        while connection.connect_ex(str(path)) != 0:
            if self.qemu.poll() is not None or time.monotonic() > end:
                raise self._fault("qemu did not start")
            time.sleep(0.05)
        return connection

    def _send(self, script: str) -> None:
        assert self._port is not None, "it is off"
        self._port.sendall(base64.b64encode(script.encode()) + b"\n")

    def _line(self, timeout: float) -> bytes:
        assert self._port is not None, "it is off"
        end = time.monotonic() + timeout
        while b"\n" not in self._answers:
            self._port.settimeout(max(0.01, end - time.monotonic()))
            try:
                chunk = self._port.recv(65536)
            except TimeoutError:
                raise self._fault(f"no answer in {timeout:.0f} s") from None
            if not chunk:
                raise self._fault("it switched itself off")
            self._answers += chunk
        line, _, self._answers = self._answers.partition(b"\n")
        return line

    def _fault(self, what: str) -> GuestError:
        tail = "\n".join(self.console().splitlines()[-60:])
        return GuestError(f"boot {self.boots}: {what}\n--- {self.console_log}\n{tail}")
