"""Stands in for update-initramfs in test_activation_faults.py: builds an image of modprobe.d, or fails as it is told.

Usage: standin_tool.py ROOT MODE -u -k RELEASE. A mode may end in ":N": only the Nth call is so, the others are "good".
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path


def cpio(files: dict[str, bytes]) -> bytes:
    out = b""
    for name, data in [*files.items(), ("TRAILER!!!", b"")]:
        raw = name.encode() + b"\0"
        fields = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0]
        header = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        out += header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4)
    return out


def build(root: Path) -> bytes:
    conf = {f"etc/modprobe.d/{p.name}": p.read_bytes() for p in sorted((root / "etc/modprobe.d").glob("*.conf"))}
    return cpio({"init": b"#!/bin/sh\n", **conf})


def main(root: Path, told: str, release: str) -> int:
    mode, _, only = told.partition(":")
    calls = root / "tmp-calls"
    number = len(calls.read_text()) + 1 if calls.exists() else 1
    calls.write_text("x" * number)
    if only and int(only) != number:
        mode = "good"
    image = root / f"boot/initrd.img-{release}"
    print(f"Generating {image.name}", flush=True)
    if mode in ("failing", "killed", "hanging"):
        image.write_bytes(b"half")  # less careful than the real one
        print("the disk is on fire", flush=True)
    if mode == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "hanging":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(20)  # longer than any test waits
    if mode == "failing":
        return 3
    image.write_bytes(cpio({"init": b"#!/bin/sh\n"}) if mode == "forgetful" else build(root))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[-1]))
    except OSError as err:
        sys.exit(f"standin_tool: {err}")
