"""ROCm installations: AMD's packages in /opt, TheRock's, and what distributions put into /usr."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rdna_installer.errors import Exit, RdnaError, absent
from rdna_installer.machine.sysroot import Inside, Sysroot, real
from rdna_installer.model import RocmInstall

VERSION = r"[0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?![0-9])"
DPKG_STATUS = "/var/lib/dpkg/status"
DPKG_LIMIT = 64 << 20  # bytes; a big desktop has 10 MB
USR_LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")
SONAMES = range(5, 16)  # libamdhip64.so.N
NAME = r"gfx(?:[0-9]+(?:-[0-9]+)?-generic|[0-9][0-9a-f]{2,4})"
ANY = rf"[_-]({NAME})(?![0-9A-Za-z])"
LAZY = rf"TensileLibrary_lazy_({NAME})\.(?:dat|yaml)"


def targets_in(root: Sysroot, libraries: Iterable[Inside]) -> tuple[str, ...]:
    """Targets with kernels in the given ``rocblas/library`` folders; () where no name says so.

    With lazy loading rocBLAS opens TensileLibrary_lazy_<target>.dat and stops where it is missing, although
    fallback code objects of that target may lie beside it (gfx1010 in ROCm 5.5-6.1: Tensile#1757).
    """
    names = [name for library in libraries for name in _kernel_files(root, library)]
    lazy = {found[1] for name in names if (found := re.fullmatch(LAZY, name))}
    return in_order(lazy or {found[1] for name in names for found in re.finditer(ANY, name)})


def _kernel_files(root: Sysroot, library: Inside) -> list[str]:
    """The names in a library's folder; newer ones have a folder for each target in it."""
    names = root.names(library)
    folders = [name for name in names if re.fullmatch(NAME, name)]
    return [*names, *(name for folder in folders for name in root.names(f"{library}/{folder}"))]


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Target names sorted as people count: gfx90a before gfx1010."""
    return tuple(sorted(set(names), key=lambda name: (len(name), name)))


def short(version: str) -> str:
    """The two numbers that decide what goes together: "6.2" of "6.2.4"."""
    return ".".join(re.findall(r"\d+", version)[:2])


def find_rocm(root: Sysroot) -> tuple[RocmInstall, ...]:
    """Every ROCm, /opt/rocm (the one in use) first. The same folder reached by several links counts once."""
    status = dpkg_status(root)
    installs = [*_in_opt(root), *_in_usr(root, status)]
    return tuple(installs or _package(root, status, b"rocm-core", "/opt/rocm"))


def given(version: str) -> tuple[RocmInstall, ...]:
    """What ``--rocm VERSION`` stands for. Raises RdnaError("bad-rocm-version")."""
    if not re.fullmatch(VERSION, version.strip()):
        why, hint = f"{version!r} is not a ROCm version", "write it like 6.2 or 6.2.4"
        raise RdnaError("bad-rocm-version", why, context=f"--rocm {version}", hint=hint, exit_code=Exit.USAGE)
    return (RocmInstall(version.strip(), "", "given"),)


def _in_opt(root: Sysroot) -> Iterator[RocmInstall]:
    places = ["/opt/rocm", "/opt/rocm/core"]
    places += [f"/opt/rocm/{name}" for name in root.names("/opt/rocm") if name.startswith("core-")]
    places += [f"/opt/{name}" for name in root.names("/opt") if name.startswith("rocm-")]
    for folder in dict.fromkeys(str(real(root, place)) for place in places if root.is_dir(place)):
        version, source = _version_in(root, folder)
        if version:
            targets = targets_in(root, [f"{folder}/lib/rocblas/library"])
            yield RocmInstall(version, folder, source, targets, _miopen(root, folder))


def _miopen(root: Sysroot, folder: str) -> str | None:
    """MIOpen's version out of its header (package miopen-hip-dev)."""
    text = root.read_optional(f"{folder}/include/miopen/version.h") or ""
    parts = (re.search(rf"MIOPEN_VERSION_{name}\s+([0-9]{{1,4}})", text) for name in ("MAJOR", "MINOR", "PATCH"))
    numbers = [found[1] for found in parts if found]
    return ".".join(numbers) if len(numbers) == 3 else None


def _version_in(root: Sysroot, folder: str) -> tuple[str | None, str]:
    info = f"{folder}/.info/version"
    if found := re.match(VERSION, (root.read_optional(info) or "").strip()):
        return found[0], info
    if found := re.fullmatch(rf".*/(?:rocm|core)-({VERSION})", folder):
        return found[1], folder
    return None, ""


def _in_usr(root: Sysroot, status: bytes) -> list[RocmInstall]:
    """Debian's and Ubuntu's own packages, else whatever distribution's by the library's name."""
    names = (b"libamdhip64-", b"libhsa-runtime64-1")
    packaged = (_package(root, status, name, "/usr") for name in names)
    return next(filter(None, packaged), None) or _by_library(root)


def dpkg_status(root: Sysroot) -> bytes:
    """dpkg's database, after a line end; only that where there is none."""
    try:
        return b"\n" + root.read_bytes(DPKG_STATUS, limit=DPKG_LIMIT)
    except OSError as err:
        absent(err)
        return b"\n"


def _package(root: Sysroot, status: bytes, name: bytes, path: str) -> list[RocmInstall]:
    """The installed dpkg package of that name (a name ending in "-" is a prefix: the newest version counts)."""
    newest = sorted(
        _installed(status, name), key=lambda pair: [int(part) for part in pair[0].split(".")], reverse=True
    )[:1]
    targets = targets_in(root, _libraries(root, path)) if newest else ()
    return [RocmInstall(version, path, f"dpkg {known}", targets, _miopen(root, path)) for version, known in newest]


def _installed(status: bytes, name: bytes) -> Iterator[tuple[str, str]]:
    needle = b"\nPackage: " + name + (b"" if name.endswith(b"-") else b"\n")
    start = status.find(needle)
    while start >= 0:
        end = status.find(b"\n\n", start)
        stanza = status[start : end if end >= 0 else None].decode("utf-8", "replace")
        fields = dict(line.partition(": ")[::2] for line in stanza.strip().splitlines())
        version = re.match(VERSION, fields.get("Version", "").split(":")[-1])
        if version and fields.get("Status", "").endswith(" installed"):
            yield version[0], fields["Package"]
        start = status.find(needle, start + 1)


def _by_library(root: Sysroot) -> list[RocmInstall]:
    """Fedora, openSUSE, Gentoo: libamdhip64.so.6 -> libamdhip64.so.6.2.41134 is HIP 6.2."""
    for folder in USR_LIBRARIES:
        if not root.exists(f"{folder}/libhsa-runtime64.so.1"):
            continue
        for soname in reversed(SONAMES):
            link = f"{folder}/libamdhip64.so.{soname}"
            if found := re.search(r"libamdhip64\.so\.([0-9]{1,3}\.[0-9]{1,3})\.", root.readlink(link) or ""):
                return [RocmInstall(found[1], "/usr", link, targets_in(root, _libraries(root, "/usr")))]
    return []


def _libraries(root: Sysroot, path: str) -> list[str]:
    """The rocblas/library folders of an installation; Debian puts a version between, Fedora a GPU family above."""
    if path != "/usr":
        return [f"{path}/lib/rocblas/library"]
    debian = "/usr/lib/x86_64-linux-gnu/rocblas"
    fedora = "/usr/lib64/rocm"
    return [
        "/usr/lib64/rocblas/library",
        "/usr/lib/rocblas/library",
        f"{debian}/library",
        *(f"{debian}/{name}/library" for name in root.names(debian)),
        *(f"{fedora}/{name}/lib/rocblas/library" for name in root.names(fedora)),
    ]
