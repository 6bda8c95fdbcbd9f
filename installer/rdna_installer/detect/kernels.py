"""The installed kernels, their amdgpu module and its parameters, and the module that runs now."""

from __future__ import annotations

import re

from rdna_installer.detect.initramfs import image_of
from rdna_installer.errors import RdnaError, absent
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import KernelImage, ModuleState

FOLDERS = ("/lib/modules", "/usr/lib/modules")  # one and the same on a merged /usr
MODULES = ("amdgpu", "ttm", "amdttm")  # amdttm is ttm's name in AMD's DKMS package
INDEX_LIMIT = 16 << 20  # bytes; modules.dep of a distribution kernel has 0.5-1 MB
MODINFO_SECONDS = 30.0


def find_kernels(root: Sysroot, with_modinfo: bool = False) -> tuple[KernelImage, ...]:
    """Every kernel of /lib/modules, oldest first. ``with_modinfo``: with parameter types (some processes each)."""
    found = {release: folder for folder in reversed(FOLDERS) for release in _releases(root, folder)}
    releases = sorted(found, key=release_key)
    return tuple(_kernel(root, f"{found[release]}/{release}", release, with_modinfo) for release in releases)


def release_key(release: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key of kernel releases: numbers as numbers ("6.10" after "6.9")."""
    parts = re.findall(r"\d+|[a-zA-Z]+", release)
    return tuple((1, int(part)) if part.isdigit() else (0, part) for part in parts)


def _releases(root: Sysroot, folder: str) -> list[str]:
    """Directories that are a kernel's: a removed kernel's leftovers have neither modules nor their index."""
    marks = ("modules.dep", "modules.builtin", "kernel")
    return [name for name in root.names(folder) if any(root.exists(f"{folder}/{name}/{mark}") for mark in marks)]


def _kernel(root: Sysroot, folder: str, release: str, with_modinfo: bool) -> KernelImage:
    modules = _find_modules(root, folder)
    builtin = "amdgpu" not in modules and is_builtin(root, folder)
    kind = "module" if "amdgpu" in modules else "builtin" if builtin else "absent"
    asked = modules.items() if with_modinfo and kind == "module" else ()
    types = {name: types for name, path in asked if (types := _ask_modinfo(root, path)) is not None}
    known = types if "amdgpu" in types else None  # where that one cannot be read others are left out alike
    return KernelImage(release, kind, known, image_of(root, release), "amdttm" in modules)


def is_builtin(root: Sysroot, folder: str) -> bool:
    """Whether a kernel's modules.builtin lists amdgpu."""
    return any(line.endswith("/amdgpu.ko") for line in _lines(root, f"{folder}/modules.builtin"))


def _find_modules(root: Sysroot, folder: str) -> dict[str, str]:
    """Paths of the modules we ask about, from modules.dep: that is what modprobe goes by."""
    found: dict[str, str] = {}
    for line in _lines(root, f"{folder}/modules.dep"):
        path = line.partition(":")[0]
        name = path.rpartition("/")[2].partition(".ko")[0].replace("-", "_")
        if name in MODULES:
            found[name] = path if path.startswith("/") else f"{folder}/{path}"
    return found


def _lines(root: Sysroot, path: str) -> list[str]:
    try:
        return root.read_text(path, limit=INDEX_LIMIT).splitlines()
    except OSError as err:
        absent(err)
        return []


def _ask_modinfo(root: Sysroot, path: str) -> dict[str, str] | None:
    """This machine's modinfo on the module file, never another root's own: reading runs nothing of what is read."""
    try:
        done = run(["modinfo", "-F", "parmtype", str(root.path(path))], timeout=MODINFO_SECONDS)
    except RdnaError:
        return None
    return parse_parmtype(done.text) or None if done.code == 0 else None


def parse_parmtype(text: str) -> dict[str, str]:
    """``modinfo -F parmtype``: a line ``name:type`` for each parameter (unlike descriptions, never several lines)."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: kind.strip() for name, colon, kind in pairs if colon and name}


def module_state(root: Sysroot) -> ModuleState:
    """The amdgpu module of the running kernel; ``in_initramfs`` is left to ``amdgpu_inside``."""
    folder = "/sys/module/amdgpu"
    values = ((n, root.read_optional(f"{folder}/parameters/{n}")) for n in root.names(f"{folder}/parameters"))
    parameters = {name: value.strip() for name, value in values if value is not None}
    return ModuleState(root.is_dir(folder), _runs_builtin(root, folder), None, parameters)


def _runs_builtin(root: Sysroot, folder: str) -> bool:
    release = (root.read_optional("/proc/sys/kernel/osrelease") or "").strip()
    if release and any(is_builtin(root, f"{parent}/{release}") for parent in FOLDERS):
        return True
    # A loaded module has "initstate", a built-in one has not; both have "uevent".
    return root.exists(f"{folder}/uevent") and not root.exists(f"{folder}/initstate")
