"""Whether the ROCm libraries that a torch loads are those it came with: by RECORD, by version, by what they want.

A wheel's RECORD has the size and digest of each file (base64 without padding as PyPA says; AMD's split wheels write
hexadecimal). Where there is none, the version in a library's name or in its ``.comment`` (AMD's clang writes
"roc-7.0.2" there) and the names in its dynamic section (SONAME, NEEDED) still tell what does not fit.

Which environment variables they read is told by the names among their strings, never by running them. A name is looked
for only in what keeps it whole: MIOpen's, HIP's and rocBLAS's own tables of variables. ROCr builds some of its names,
and torch reads many in Python: of these nothing is said. What cannot be read whole is unknown.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.check.wanted import InForce
from rdna_installer.detect.codeobjects import RODATA, linked, read_elf, read_only
from rdna_installer.detect.rocm import USR_LIBRARIES, short
from rdna_installer.detect.symbols import Linking, stem
from rdna_installer.detect.torch import Distribution, Recorded, installed_at, library_folders, recorded, written_digest
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Inside, Parts, Sysroot, digested, parts_of, real
from rdna_installer.model import Check, HostFacts, PythonSite, Status, Torch, TorchOrigin
from rdna_installer.record import record, replace

NAMES = (
    r"lib(?:MIOpen|rocblas|hipblas|hipblaslt|amdhip64|hsa-runtime64|amd_comgr|rocsparse|rocsolver|rocfft|rccl"
    r"|torch_hip|c10_hip)"
)
LIBRARY = rf"({NAMES})\.so((?:\.[0-9]+)*)(?:-[0-9a-f]+)?"
RECORDED = rf'/{NAMES}\.so[^,"/\n]*'
PACKAGES = r"torch|rocm_sdk_(?:core|libraries)\w*|rocm_sdk_device_gfx\w+"
COMPILER = rb"\broc-([0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?)\b"
REQUIRED = r"^Requires-Dist:\s*rocm\s*\[[^\]]*\]\s*\(?(==|~=)\s*([0-9][\w.+]*)"
NAMES_LIMIT = 200  # libraries of one folder
COMMENT_LIMIT = 1 << 16  # bytes
BUDGET = 4 << 20  # bytes read of one library for its version and names
DIGEST_BUDGET = 512 << 20  # bytes digested for one torch; of what is over, the size alone is compared
# Component of the catalogue -> its library, and how the names in its table begin.
TABLES = {
    "MIOpen": (r"libMIOpen\.so(?:\.[0-9]+)*", "MIOPEN_"),
    "HIP": (r"libamdhip64\.so(?:\.[0-9]+)*", "(?:HIP|AMD|GPU)_"),
    "rocBLAS": (r"librocblas\.so(?:\.[0-9]+)*", "ROCBLAS_"),
}
TABLE_BUDGET = 12 << 20  # bytes of one torch's libraries; the read-only data of MIOpen 3.4 is 6 MB
LONGEST = 64  # letters of a name
FEWEST = 5  # names: a library that shows fewer has no table of them, or is only a stand-in
MOST = 5000
SYSTEM = ("/opt/rocm/lib", *USR_LIBRARIES)


@record(frozen=True)
class Fault:
    """What does not fit: at which file, what belongs there (and whose it is), what is there."""

    path: PurePosixPath
    wanted: str
    found: str


def check_libraries(facts: HostFacts, wanted: InForce, root: Sysroot) -> Iterator[Check]:
    """Lines for each library that is not its torch's own, one for all where everything fits."""
    for site in facts.sites:
        if site.torch and site.torch.for_rocm and (not wanted.sites or str(site.python) in wanted.sites):
            yield from _site(site, site.torch, root, wanted.libraries)


def _site(site: PythonSite, torch: Torch, root: Sysroot, put: Mapping[str, str]) -> Iterator[Check]:
    try:
        owner = user_of(root, site.owner) if root.live else None
        faults, compared = look(partial(_look, root, site, torch), tuple[list[Fault], int], owner)
    except (OSError, RdnaError) as err:
        yield Check(f"libraries:{site.python}", Status.UNKNOWN, hint=f"run it with sudo ({err})")
        return
    again = f"install this torch again, into a new environment: files of torch {torch.version} were changed"
    for fault in faults:
        name = f"library:{fault.path.name}:{site.python}"
        if (
            str(fault.path) in put
        ):  # what RECORD says of it is of no use; whether it is the one put there: ``check_files``
            hint = "to have the original again: rdna-installer rollback"
            yield Check(name, Status.OK, None, fault.found, str(fault.path), hint)
            continue
        yield Check(name, Status.FAILED, fault.wanted, fault.found, str(fault.path), again)
    if compared and not faults:
        yield Check(f"libraries:{site.python}", Status.OK, "as installed", f"{compared} compared with RECORD")


def _look(root: Sysroot, site: PythonSite, about: Torch) -> tuple[list[Fault], int]:
    """What does not fit, and how many files could be compared with a RECORD."""
    torch = installed_at(root, site.site_packages)
    if torch is None:
        return [], 0
    mine = [info for info in torch.infos if re.fullmatch(PACKAGES, info.name)]
    lines = [(line, info) for info in mine for line in recorded(root, info, RECORDED)]
    found = ((p, [n for n in root.names(p) if re.fullmatch(LIBRARY, n)]) for p in library_folders(torch))
    libraries = [_read(root, place / name) for place, names in found for name in names[:NAMES_LIMIT]]
    faults: dict[PurePosixPath, Fault] = {}
    words = [each for each, _ in libraries]
    wrong = (*_by_record(root, torch.site, lines), *_by_version(libraries, about), *_by_need(words))
    for fault in (*wrong, *_by_package(root, mine)):
        known = faults.get(fault.path)
        faults[fault.path] = replace(known, found=f"{known.found}, {fault.found}") if known else fault
    return list(faults.values()), len(lines)


def _by_record(root: Sysroot, site: PurePosixPath, lines: Sequence[tuple[Recorded, Distribution]]) -> Iterator[Fault]:
    """Files that are not what their package's RECORD says; small ones are digested first."""
    left = DIGEST_BUDGET
    for line, info in sorted(lines, key=lambda pair: pair[0].size or 0):
        path = site / line.path
        found = difference(root, path, line, left)
        left -= min(line.size or 0, left)
        if found:
            yield Fault(path, f"the one of {info.name} {info.version}", found)


def _read(root: Sysroot, path: PurePosixPath) -> tuple[Linking, str | None]:
    """A library's own words, and of which ROCm it is where it says so; of a link, those of what it leads to."""
    words, said = Linking(path, None, ()), None
    with contextlib.suppress(OSError, EOFError), parts_of(root, path, BUDGET) as parts:
        elf = read_elf(parts)
        own, needed = linked(parts, elf) if elf else ([], [])
        words = Linking(path, own[0] if own else None, tuple(needed))
        comment = elf.section(".comment") if elf else None
        place, size = (comment.offset, comment.size) if comment else (0, parts.size)
        if comment or parts.size <= COMMENT_LIMIT:
            said = re.search(COMPILER, parts.up_to(place, min(size, COMMENT_LIMIT)))
    return words, said[1].decode() if said else _version_in(root.readlink(path) or path.name)


def _version_in(name: str) -> str | None:
    """ "7.0.2" from "/opt/rocm-7.0.2/lib/libMIOpen.so" or "libMIOpen.so.1.0.70002" (rocm-core's numbering)."""
    if found := re.search(r"/rocm-([0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?)/", name):
        return found[1]
    if found := re.search(r"libamdhip64\.so\.([0-9]{1,2}\.[0-9]{1,2})\.", name):
        return found[1]
    found = re.search(r"\.so\.[0-9]+\.[0-9]+\.([0-9]{5,6})(?:-|$)", name)
    if found is None:
        return None
    number = int(found[1])
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def _by_version(libraries: Sequence[tuple[Linking, str | None]], torch: Torch) -> Iterator[Fault]:
    """Libraries of another ROCm than the one torch was built for (TheRock's do not say of which they are)."""
    if torch.origin is TorchOrigin.THEROCK:
        return
    for library, rocm in libraries:
        if torch.rocm and rocm and short(rocm) != short(torch.rocm):
            yield Fault(library.path, f"one of ROCm {short(torch.rocm)}, as torch", f"one of ROCm {rocm}")


def _by_need(libraries: Sequence[Linking]) -> Iterator[Fault]:
    """Libraries that want another version of one of the others than the one that is there."""
    there: dict[str, set[str]] = {}
    for name in (name for library in libraries for name in library.names):
        there.setdefault(stem(name), set()).add(name)
    for library in libraries:
        for need in library.needed:
            have = there.get(stem(need))
            if have and need not in have:
                yield Fault(library.path, f"one that goes with {min(have, key=len)}", f"it wants {need}")


def _by_package(root: Sysroot, mine: Sequence[Distribution]) -> Iterator[Fault]:
    """Packages of ROCm that are not of the version torch asks for."""
    torch = next((info for info in mine if info.name == "torch"), None)
    metadata = (root.read_optional(torch.info / "METADATA") or "") if torch else ""
    if torch is None or not (required := re.search(REQUIRED, metadata, re.MULTILINE)):
        return
    for info in mine:
        fits = info.is_version(required[2]) if required[1] == "==" else short(info.version) == short(required[2])
        if info is not torch and not fits:
            wanted = f"version {required[2]}, which torch {torch.version} asks for"
            yield Fault(info.info, wanted, f"version {info.version}")


def difference(root: Sysroot, path: PurePosixPath, line: Recorded, budget: int) -> str | None:
    """What is there instead, in words; None where it is the recorded file, as far as ``budget`` bytes may be digested.
    Raises OSError where it cannot be read."""
    target = root.readlink(path)
    if target is not None:  # a wheel has no links
        return f"a link to {target}"
    status = root.status(path)
    if status is None:
        root.require_readable(path)
        return "nothing"
    if line.size is not None and status.st_size != line.size:
        return f"another file ({status.st_size} bytes instead of {line.size})"
    wanted = written_digest(line.digest)
    if wanted is None or status.st_size > budget or digested(root, path, wanted[0]) == wanted[1]:
        return None
    return "another file of the same size (its digest differs)"


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
    installed, reads, left = installed_at(root, site.site_packages), {}, TABLE_BUDGET
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
    sizes = [section.size for section in elf.sections if section.name.startswith(RODATA)] if elf else []
    if elf is None or not sizes or sum(sizes) > parts.budget:
        return None
    name = re.compile(rf"({begins}[A-Z0-9_]{{1,{LONGEST}}})\0".encode())
    found = {each[1].decode() for piece in read_only(parts, elf, LONGEST + 8) for each in name.finditer(piece)}
    return frozenset(found) if FEWEST <= len(found) <= MOST else None
