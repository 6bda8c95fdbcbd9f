"""Installed kernels, their amdgpu module, and the one that runs."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.detect import kernels
from rdna_installer.detect.kernels import find_kernels, module_state, parse_parmtype, release_key
from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import Finished
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import KernelImage

DEP = "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko.xz: kernel/drivers/gpu/drm/ttm/ttm.ko.xz\n"


def put(root: Path, files: dict[str, str]) -> Sysroot:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Sysroot(root)


def test_module_builtin_absent_and_leftovers(tmp_path: Path) -> None:
    root = put(
        tmp_path,
        {
            "/usr/lib/modules/6.10.0/modules.dep": DEP,
            "/usr/lib/modules/6.9.0/modules.dep": "updates/dkms/amdgpu.ko.zst:\n",
            "/usr/lib/modules/6.9.1/modules.dep": "",
            "/usr/lib/modules/6.9.1/modules.builtin": "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko\n",
            "/usr/lib/modules/6.1.0-cloud/modules.dep": "kernel/fs/ext4.ko:\n",
            "/usr/lib/modules/5.10.0/updates/dkms/left-over": "",
            "/boot/initrd.img-6.10.0": "",
        },
    )
    (tmp_path / "lib").symlink_to("usr/lib")
    assert find_kernels(root) == (
        KernelImage("6.1.0-cloud", "absent"),
        KernelImage("6.9.0", "module"),
        KernelImage("6.9.1", "builtin"),
        KernelImage("6.10.0", "module", None, PurePosixPath("/boot/initrd.img-6.10.0")),
    )


def test_releases_sort_by_number() -> None:
    releases = ["6.10.0-1-amd64", "6.9.0-12-amd64", "6.9.0-2-amd64", "6.9.0-rc1", "6.9.0"]
    assert sorted(releases, key=release_key) == [
        "6.9.0",
        "6.9.0-rc1",
        "6.9.0-2-amd64",
        "6.9.0-12-amd64",
        "6.10.0-1-amd64",
    ]


@pytest.fixture
def modinfo(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A modinfo that knows amdgpu and keeps what it was asked."""
    asked: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Finished:
        asked.append(argv)
        return Finished(0, b"noretry:int\nmes:int\n" if "amdgpu.ko" in argv[-1] else b"pages_limit:ulong\n", b"")

    monkeypatch.setattr(kernels, "run", run)
    return asked


def test_parameters_of_the_modules_modprobe_would_load(tmp_path: Path, modinfo: list[list[str]]) -> None:
    dep = DEP + "kernel/drivers/gpu/drm/ttm/ttm.ko.xz:\nkernel/drivers/gpu/drm/radeon/radeon.ko.xz:\n"
    root = put(tmp_path, {"/lib/modules/6.1.0/modules.dep": dep})
    (kernel,) = find_kernels(root, with_modinfo=True)
    assert kernel.parameters == {"amdgpu": {"noretry": "int", "mes": "int"}, "ttm": {"pages_limit": "ulong"}}
    folder = f"{tmp_path}/lib/modules/6.1.0/kernel/drivers/gpu/drm"
    assert [argv[-1] for argv in modinfo] == [f"{folder}/amd/amdgpu/amdgpu.ko.xz", f"{folder}/ttm/ttm.ko.xz"]


def test_without_modinfo_the_parameters_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(argv: list[str], **_: object) -> Finished:
        raise RdnaError("tool-missing", "no modinfo")

    monkeypatch.setattr(kernels, "run", missing)
    (kernel,) = find_kernels(put(tmp_path, {"/lib/modules/6.1.0/modules.dep": DEP}), with_modinfo=True)
    assert (kernel.amdgpu, kernel.parameters) == ("module", None)


def test_a_module_modinfo_cannot_read_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "run", lambda *_, **__: Finished(1, b"", b"modinfo: ERROR"))
    (kernel,) = find_kernels(put(tmp_path, {"/lib/modules/6.1.0/modules.dep": DEP}), with_modinfo=True)
    assert kernel.parameters is None


def test_parmtype_lines() -> None:
    text = "noretry:int\nlockup_timeout:string\nnumbers:array of int\n\nnonsense\n"
    assert parse_parmtype(text) == {"noretry": "int", "lockup_timeout": "string", "numbers": "array of int"}


@pytest.mark.parametrize(("release", "count"), [("6.1.192", 83), ("6.12.95", 93), ("7.2.13", 95)])
def test_every_type_of_real_kernels_is_known(facts_dir: Path, release: str, count: int) -> None:
    from rdna_installer.plan.prove import problem

    table = (facts_dir / "kernel/amdgpu-params.tsv").read_text().splitlines()
    rows = [r for r in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE) if r["kernel"] == release]
    lines = [f"{r['param']}:{r['type'].split()[0]}" for r in rows if r["in_modinfo"] == "yes"]
    types = parse_parmtype("\n".join(lines))
    assert len(types) == count
    assert [name for name, kind in types.items() if problem(kind, "1") is not None] == []


def test_module_state(tmp_path: Path) -> None:
    root = put(
        tmp_path,
        {
            "/sys/module/amdgpu/uevent": "",
            "/sys/module/amdgpu/initstate": "live\n",
            "/sys/module/amdgpu/parameters/noretry": "-1\n",
            "/sys/module/amdgpu/parameters/lockup_timeout": "\n",
        },
    )
    (tmp_path / "sys/module/amdgpu/parameters/gttsize").symlink_to("nowhere")  # as unreadable as 0600 to a user
    state = module_state(root)
    assert (state.loaded, state.builtin, state.in_initramfs) == (True, False, None)
    assert state.parameters == {"noretry": "-1", "lockup_timeout": ""}


@pytest.mark.parametrize(
    ("files", "loaded", "builtin"),
    [
        ({}, False, False),
        ({"/sys/module/amdgpu/parameters/dc": "1"}, True, False),  # a capture without the rest
        ({"/sys/module/amdgpu/uevent": ""}, True, True),
        (
            {
                "/proc/sys/kernel/osrelease": "6.9.1\n",
                "/lib/modules/6.9.1/modules.builtin": "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko\n",
            },
            False,
            True,
        ),
    ],
)
def test_builtin(tmp_path: Path, files: dict[str, str], loaded: bool, builtin: bool) -> None:
    state = module_state(put(tmp_path, files))
    assert (state.loaded, state.builtin) == (loaded, builtin)
