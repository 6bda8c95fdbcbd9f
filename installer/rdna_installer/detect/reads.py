"""Which environment variables the libraries that a torch loads read: by the names among their strings, never executed.

A name is looked for only in what keeps it whole: MIOpen's, HIP's and rocBLAS's own tables of variables. ROCr builds
some of its names, and torch reads many in Python: of these nothing is said. What cannot be read whole is unknown.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.detect.codeobjects import read_elf
from rdna_installer.detect.torch import DISTRO_LIBRARIES, installed_at, library_folders
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Inside, Parts, Sysroot, parts_of, real
from rdna_installer.model import HostFacts, PythonSite, TorchOrigin
from rdna_installer.record import replace

# Component of the catalogue -> its library, and how the names in its table begin.
TABLES = {
    "MIOpen": (r"libMIOpen\.so(?:\.[0-9]+)*", "MIOPEN_"),
    "HIP": (r"libamdhip64\.so(?:\.[0-9]+)*", "(?:HIP|AMD|GPU)_"),
    "rocBLAS": (r"librocblas\.so(?:\.[0-9]+)*", "ROCBLAS_"),
}
BUDGET = 12 << 20  # bytes of one torch's libraries; the read-only data of MIOpen 3.4 is 6 MB
WINDOW = 1 << 20
LONGEST = 64  # letters of a name
FEWEST = 5  # names: a library that shows fewer has no table of them, or is only a stand-in
MOST = 5000
SYSTEM = ("/opt/rocm/lib", *DISTRO_LIBRARIES)


def with_reads(root: Sysroot, facts: HostFacts, keys: Iterable[str]) -> HostFacts:
    """The facts with which of the variables each torch's libraries read, as its owner may see them."""
    asked = {name: sorted(k for k in set(keys) if re.match(begins, k)) for name, (_, begins) in TABLES.items()}
    if not any(asked.values()):
        return facts
    return replace(facts, sites=tuple(_told(root, site, asked) for site in facts.sites))


def _told(root: Sysroot, site: PythonSite, asked: Mapping[str, Sequence[str]]) -> PythonSite:
    if site.torch is None or not site.torch.for_rocm:
        return site
    links = site.torch.origin in (TorchOrigin.DISTRO, TorchOrigin.SELF_BUILT)
    try:
        owner = user_of(root, site.owner) if root.live else None
        reads = look(partial(_all, root, site, SYSTEM if links else (), asked), dict[str, bool], owner)
    except (OSError, RdnaError):  # closed to its owner, or hanging: unknown
        return site
    return replace(site, torch=replace(site.torch, reads=reads))


def _all(root: Sysroot, site: PythonSite, system: Sequence[str], asked: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """Whether each variable is read, as far as its library can be read: a wheel's own one, else the system's."""
    installed, reads, left = installed_at(root, site.site_packages), {}, BUDGET
    for name, keys in asked.items():
        pattern, begins = TABLES[name]
        own = _files(root, library_folders(installed) if installed and keys else (), pattern)
        for file in own or _files(root, system if keys else (), pattern):
            with contextlib.suppress(OSError, EOFError), parts_of(root, file, left) as parts:
                names = names_in(parts, begins)
                left = parts.budget
                reads.update({key: key in names for key in keys} if names else {})
    return reads


def _files(root: Sysroot, places: Iterable[Inside], pattern: str) -> set[PurePosixPath]:
    """The library's file; none where there are several, of which nobody can tell which is loaded."""
    there = (f"{place}/{name}" for place in places for name in root.names(place) if re.fullmatch(pattern, name))
    files = {real(root, path) for path in there}
    return files if len(files) == 1 else set()


def names_in(parts: Parts, begins: str) -> frozenset[str] | None:
    """The names among a library's read-only strings; None where not all of them can be read, or hardly any is there."""
    elf = read_elf(parts)
    sections = [section for section in elf.sections if section.name.startswith(".rodata")] if elf else []
    if not sections or sum(section.size for section in sections) > parts.budget:
        return None
    name = re.compile(rf"({begins}[A-Z0-9_]{{1,{LONGEST}}})\0".encode())
    found: set[str] = set()
    for section in sections:
        end = section.offset + section.size
        for place in range(section.offset, end, WINDOW):
            overlap = min(WINDOW + LONGEST + 8, end - place)
            found |= {each[1].decode() for each in name.finditer(parts.up_to(place, overlap))}
    return frozenset(found) if FEWEST <= len(found) <= MOST else None
