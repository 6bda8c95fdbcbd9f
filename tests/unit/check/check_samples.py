"""Hand-made machines for the checks: a root to write files into, facts and generations with one thing changed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from rdna_installer.amd.case import case_of
from rdna_installer.amd.judge import judge_setting
from rdna_installer.check.wanted import Ask
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import (
    FileState,
    Generation,
    GfxSource,
    Gpu,
    HostFacts,
    Initramfs,
    InitramfsTool,
    Layer,
    Managed,
    ModprobeOption,
    ModuleState,
    PythonSite,
    Setting,
    Torch,
    TorchOrigin,
    User,
)

BOOK = load_book()
BOOT = "11111111-2222-3333-4444-555555555555"
BEFORE = "99999999-8888-7777-6666-555555555555"
CONF = PurePosixPath("/etc/modprobe.d/rdna-installer.conf")
PROFILE = PurePosixPath("/etc/profile.d/rdna-installer.sh")
PYTHON = "/home/ann/venv/bin/python"
ME = User(os.geteuid(), os.getegid(), "ann", PurePosixPath("/home/ann"), "/bin/bash", frozenset({"ann"}))
NAVI10 = Gpu("gfx1010", "Navi 10", "0000:03:00.0", "1002", "731f", 1, GfxSource.KFD, False, render_minor=128)
NAVI22 = replace(NAVI10, gfx="gfx1031", name="Navi 22", device="73df")


def facts(**changes: Any) -> HostFacts:
    """A live desktop with one RX 5600 XT, amdgpu loaded from the root file system."""
    base = HostFacts(
        gpus=(NAVI10,),
        hidden_nodes=0,
        unidentified=(),
        rocm=(),
        sites=(),
        running_kernel="6.1.0-56-amd64",
        kernels=(),
        cmdline="quiet",
        modprobe=(),
        amdgpu=ModuleState(True, False, False, {}),
        initramfs=Initramfs(InitramfsTool.INITRAMFS_TOOLS),
        init="systemd",
        user=ME,
        boot_id=BOOT,
        ram_bytes=16 << 30,
        live=True,
    )
    return replace(base, **changes)


def generation(*settings: Setting, managed: tuple[Managed, ...] = (), **changes: Any) -> Generation:
    """Generation 3, made in an earlier boot."""
    base = Generation("apply", 3, "2026-01-01T00:00:00Z", "recommended", BEFORE, None, managed, settings)
    return replace(base, **changes)


def kernel(key: str, value: str) -> Setting:
    return Setting(Layer.KERNEL, None, key, value, "rule")


def env(key: str, value: str) -> Setting:
    return Setting(Layer.ENV, None, key, value, "rule")


def python(key: str, value: str, site: str = PYTHON) -> Setting:
    return Setting(Layer.PYTHON, site, key, value, "rule")


def option(key: str, value: str, source: str = f"{CONF}:3", module: str = "amdgpu") -> ModprobeOption:
    return ModprobeOption(module, key, value, source)


def managed(
    path: PurePosixPath = CONF, content: bytes | None = b"options amdgpu noretry=1\n", number: int = 3
) -> Managed:
    absent = FileState(path)
    if content is None:
        return Managed(path, absent, absent, number)
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    return Managed(path, FileState(path, None, 0o644, os.geteuid(), os.getegid(), digest), absent, number)


def site(targets: tuple[str, ...] = (), origin: TorchOrigin = TorchOrigin.PYTORCH_ORG, **changes: Any) -> PythonSite:
    """A venv of ours with torch 2.5.1+rocm6.2."""
    base = PythonSite(
        PurePosixPath(PYTHON),
        PurePosixPath("/home/ann/venv"),
        PurePosixPath("/home/ann/venv/lib/python3.11/site-packages"),
        "3.11",
        os.geteuid(),
        os.getegid(),
        Torch("2.5.1+rocm6.2", "6.2", targets, origin),
    )
    return replace(base, **changes)


def put(root: Path, inside: str | PurePosixPath, content: str | bytes, mode: int = 0o644) -> Path:
    """Write a file below the root."""
    path = root / str(inside).lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def asker(host: HostFacts, made: Generation | None = None) -> Ask:
    """The judge of a machine, as ``verify`` asks it."""
    case = case_of(host, BOOK, ours=made.settings if made else ())
    return lambda key, value, site=None: judge_setting(case, key, value)
