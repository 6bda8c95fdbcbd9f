"""Facts of a plain Debian machine, for the tests of the kernel layer."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from rdna_installer.model import HostFacts, Initramfs, InitramfsTool, KernelImage, Layer, ModuleState, Setting, User

TYPES = {"amdgpu": {"noretry": "int", "gttsize": "int", "vm_fragment_size": "int"}, "ttm": {"pages_limit": "ulong"}}
KERNEL = KernelImage("6.1.0-56-amd64", "module", TYPES, PurePosixPath("/boot/initrd.img-6.1.0-56-amd64"))


def facts(**changes: Any) -> HostFacts:
    plain: dict[str, Any] = {
        "gpus": (),
        "hidden_nodes": 0,
        "unidentified": (),
        "rocm": (),
        "sites": (),
        "running_kernel": KERNEL.release,
        "kernels": (KERNEL,),
        "cmdline": "",
        "modprobe": (),
        "amdgpu": ModuleState(True, False, False, {}),
        "initramfs": Initramfs(InitramfsTool.INITRAMFS_TOOLS, {KERNEL.release: KERNEL.image}, True, ""),
        "init": "systemd",
        "user": User(0, 0, "root", PurePosixPath("/root"), "/bin/sh", frozenset()),
        "boot_id": None,
        "ram_bytes": None,
        "live": True,
    }
    return HostFacts(**{**plain, **changes})


def option(key: str, value: str) -> Setting:
    return Setting(Layer.KERNEL, None, key, value, "test-rule")
