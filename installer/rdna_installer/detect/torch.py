"""An installed torch, read without running any of it: version.py, file names and package metadata names.

Which GPU kernels it has, and which its libraries have, are two lists, each with its proof.

What counts for torch: the code objects in libtorch_hip.so; in AMD's split wheels ``torch/.kpack/torch_<target>.kpack``
beside the package amd_torch_device_<target> of torch's own version; in wheels that bundle ROCm in torch/lib the
rocBLAS files there, which their builder filters by torch's own list (pytorch's .ci/manywheel/build_rocm.sh). The
package alone (cp and CI artifacts lose directories that begin with a dot), another version, a family's package
(amd_torch_device_gfx110x: AOTriton only) and everything of rocm_sdk_device_<target> are no kernels of torch.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.rocm import LAZY, NAME, USR_LIBRARIES, in_order, targets_in
from rdna_installer.errors import absent
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import LibraryKernels, Proof, Torch, TorchKind, TorchOrigin
from rdna_installer.record import record

DEVICE = rf"amd_torch_device_({NAME})"
LIBRARY_DEVICE = rf"rocm_sdk_device_({NAME})"
PACK = rf"torch_({NAME})((?::(?:xnack|sramecc)[+-])*)\.kpack"
FAMILY = r"_rocm_sdk_libraries_gfx\w+"
LINK = r"torch\.egg-link|__editable__[._]+torch-\S+\.pth|__editable___torch_\w+_finder\.py"
LINKED = r"(?m)(?:^|'torch': ')(/[^'\n]{1,999})(?:$|')"
HIP = r"libtorch_hip\.so(?:\.[0-9]+)*"
PACKS = 100  # archives of one torch that are looked at; AMD builds for some 30 targets
NO_PACKAGE = "AMD's torch without a device package: it has no GPU code at all"
BUNDLED = "torch/lib/rocblas/library/"
RECORD_LIMIT = 8 << 20  # bytes; that of a torch with ROCm inside has 2 MB
ALGORITHMS = {"sha256": 32, "sha384": 48, "sha512": 64}  # those of the wheel format, and the bytes of their digests
VERSION_LIMIT = 1 << 16  # bytes; the real file has a few hundred
LINE_LIMIT = 300  # characters; keeps the parser far from its recursion limits
FIELD = r"(__version__|hip|rocm|cuda|xpu)\s*(?::[^=]*)?=\s*(.*)"
RELEASE = r"[0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?![0-9])"
STOCK = r"(?:rocm[0-9]+\.[0-9]+(?:\.[0-9]+)?|cu[0-9]+|cpu|xpu)(?:\.cxx11\.abi)?"
DISTRO_PLACES = ("/usr/lib/", "/usr/lib64/")
# Each kind: its library, its field of version.py, the beginning of a local version.
KINDS = {
    TorchKind.ROCM: ("libtorch_hip.so", "hip", "rocm"),
    TorchKind.CUDA: ("libtorch_cuda.so", "cuda", "cu"),
    TorchKind.XPU: ("libtorch_xpu.so", "xpu", "xpu"),
}
NONE = dict.fromkeys(TorchKind, Proof.PACKAGE) | {TorchKind.UNKNOWN: Proof.UNKNOWN}  # how it is known to have none
CPU_LIBRARY = "libtorch_cpu.so"

Fields = Mapping[str, str | None]


@record(frozen=True)
class Installed:
    """Where a torch is: ``folder`` its package, ``site`` the folder it was found from, ``entries`` what lies there."""

    site: PurePosixPath
    folder: PurePosixPath
    entries: tuple[str, ...]

    @property
    def infos(self) -> tuple[Distribution, ...]:
        """The distributions beside it."""
        found = []
        for name in self.entries:
            project, dash, version = name.removesuffix(".dist-info").partition("-")
            if name.endswith(".dist-info") and dash and version.isprintable():
                found.append(Distribution(re.sub(r"[-_.]+", "_", project).lower(), version, self.site / name))
        return tuple(found)

    @property
    def own(self) -> Distribution | None:
        """Its own distribution."""
        return next((info for info in self.infos if info.name == "torch"), None)


def installed_at(root: Sysroot, site: PurePosixPath) -> Installed | None:
    """The torch in a site-packages folder, or in the checkout that ``pip install -e`` names there; None: none."""
    entries = tuple(root.names(site))
    links = [root.read_optional(site / name) or "" for name in entries if re.fullmatch(LINK, name)]
    places = [PurePosixPath(path.removesuffix("/torch")) for text in links[:9] for path in re.findall(LINKED, text)[:1]]
    for folder in (place / "torch" for place in (site, *places)):
        if root.exists(folder / "version.py") or root.exists(folder / "__init__.py"):
            return Installed(site, folder, entries)
    return None


@record(frozen=True)
class Own:
    """Torch's own kernels, as in ``model.Torch``."""

    targets: tuple[str, ...] = ()
    known_from: Proof = Proof.UNKNOWN
    unsure: tuple[str, ...] = ()
    note: str = ""


def own_kernels(root: Sysroot, torch: Installed, version: str, origin: TorchOrigin) -> Own:
    """Torch's own kernels, the strongest proof first."""
    inside = _in_binary(root, torch, origin)
    if inside:
        return Own(inside, Proof.BINARY)
    if inside is None and (families := [name for name in torch.entries if re.fullmatch(FAMILY, name)]):
        return _of_family(root, torch, families)
    if _is_split(root, torch):
        return _in_packs(root, torch, version)
    if inside is not None:
        return Own((), Proof.BINARY, note="libtorch_hip.so has no GPU code inside")
    if origin in (TorchOrigin.SELF_BUILT, TorchOrigin.DISTRO):
        return Own()
    bundled = _recorded(root, torch, targets_in(root, [torch.folder / "lib/rocblas/library"]))
    return Own(bundled, Proof.FILES if bundled else Proof.UNKNOWN)


def _of_family(root: Sysroot, torch: Installed, folders: Sequence[str]) -> Own:
    """AMD's builds for one family (ROCm 7.13 and before): torch and its rocBLAS are built for the same targets.

    Where rocBLAS's files name none the family's name is no proof; but what is not of it has no kernels there.
    """
    if targets := targets_in(root, [folder / "rocblas/library" for folder in library_folders(torch)]):
        return Own(targets, Proof.FILES)
    unsure = tuple(f"gfx{name}" for name in in_order(folder.partition("_gfx")[2] for folder in folders))
    return Own(unsure=unsure, note="built for a family; its libtorch_hip.so cannot be read")


def _in_binary(root: Sysroot, torch: Installed, origin: TorchOrigin) -> tuple[str, ...] | None:
    from rdna_installer.detect.codeobjects import targets_of  # most machines have no file to look into

    for place in map(PurePosixPath, [torch.folder / "lib", *(USR_LIBRARIES if origin is TorchOrigin.DISTRO else ())]):
        for name in root.names(place):
            if re.fullmatch(HIP, name):
                return targets_of(root, place / name)
    return None


def _is_split(root: Sysroot, torch: Installed) -> bool:
    """Whether AMD took the kernels out of this torch's libraries (its wheels from ROCm 7.13's multi-arch index on)."""
    if root.exists(torch.folder / "_rocm_init.py") or root.is_dir(torch.folder / ".kpack"):
        return True
    metadata = root.read_optional(torch.own.info / "METADATA") if torch.own else None
    return re.search(r"^Requires-Dist:\s*rocm[-_]bootstrap\b", metadata or "", re.MULTILINE | re.IGNORECASE) is not None


def _in_packs(root: Sysroot, torch: Installed, version: str) -> Own:
    """The kernels of a split torch: both the archive and the package of torch's own version must be there."""
    packages: dict[str, list[Distribution]] = {}
    for info in torch.infos:
        if found := re.fullmatch(DEVICE, info.name):
            packages.setdefault(found[1], []).append(info)
    names = [re.fullmatch(PACK, name) for name in root.names(torch.folder / ".kpack")[:PACKS]]
    packs = [(name, *_pack(root, torch, name, packages.get(name[1], []), version)) for name in names if name]
    proved = {name[1] + name[2]: proof for name, proof, _ in packs if proof not in (None, Proof.UNKNOWN)}
    notes = [note for _, _, note in packs if note]
    lost = [ours[0].name for gfx, ours in packages.items() if gfx not in {name[1] for name, _, _ in packs}]
    notes += [f"{name} is installed, but its kernels are not there" for name in lost]
    return Own(
        in_order(proved),
        Proof.BINARY if set(proved.values()) == {Proof.BINARY} else Proof.FILES,
        in_order(name[1] + name[2] for name, proof, _ in packs if proof is Proof.UNKNOWN),
        "; ".join(notes) if packs or notes else NO_PACKAGE,
    )


def _pack(
    root: Sysroot, torch: Installed, name: re.Match[str], packages: list[Distribution], version: str
) -> tuple[Proof | None, str]:
    """How it is known that an archive has kernels for its target, and a note. None: it has not; UNKNOWN: who knows."""
    if not packages:
        return Proof.UNKNOWN, f"{name[0]} is there, but no package that brought it"
    mine = [package for package in packages if package.is_version(version)]
    if not mine:
        return None, f"{name[0]} is of version {packages[0].version}, not of this torch"
    proof = _intact(root, torch.folder / ".kpack" / name[0], mine, name[1])
    return proof, "" if proof else f"{name[0]} is broken: install {mine[0].name} again"


def _intact(root: Sysroot, pack: PurePosixPath, packages: Sequence[Distribution], gfx: str) -> Proof | None:
    """How it is known that an archive has kernels for its target; None where it cannot have them."""
    status = root.status(pack)
    if status is None or not status.st_size:
        return None
    for package in packages:
        for line in recorded(root, package, re.escape(f"torch/.kpack/{pack.name}")):
            if line.size not in (None, status.st_size):
                return None
    from rdna_installer.detect.codeobjects import targets_of

    inside = targets_of(root, pack)
    if inside is None:
        return Proof.FILES
    return Proof.BINARY if gfx in {name.partition(":")[0] for name in inside} else None


def _recorded(root: Sysroot, torch: Installed, targets: tuple[str, ...]) -> tuple[str, ...]:
    """Only what torch's own wheel brought: files that somebody copied there later say nothing of torch."""
    brought = read_record(root, torch.own) if torch.own else b""
    names = {found[1].decode() for found in re.finditer((re.escape(BUNDLED) + LAZY).encode(), brought)}
    return tuple(target for target in targets if target in names) if names else targets


def library_folders(torch: Installed) -> list[PurePosixPath]:
    """The folders of the libraries that a wheel brings: in torch itself, and in TheRock's packages beside it."""
    names = sorted(name for name in torch.entries if name.startswith(("_rocm_sdk_core", "_rocm_sdk_libraries")))
    return [torch.folder / "lib", *(torch.site / name / "lib" for name in names)]


def library_kernels(root: Sysroot, torch: Installed) -> tuple[LibraryKernels, ...]:
    """For which targets the libraries that a torch brings have kernels; those it links elsewhere are not among them."""
    found = []
    for name, folder in (("rocBLAS", "rocblas/library"), ("hipBLASLt", "hipblaslt/library")):
        if targets := targets_in(root, [place / folder for place in library_folders(torch)]):
            found.append(LibraryKernels(name, targets, Proof.FILES))
    packages = (re.fullmatch(LIBRARY_DEVICE, info.name) for info in torch.infos if not found)
    if targets := in_order(package[1] for package in packages if package):
        found.append(LibraryKernels("rocBLAS", targets, Proof.PACKAGE))
    return tuple(found)


@record(frozen=True)
class Distribution:
    """One ``name-version.dist-info``. ``name`` is lower case with underscores, as "amd_torch_device_gfx1010"."""

    name: str
    version: str
    info: PurePosixPath

    def is_version(self, version: str) -> bool:
        """Whether both spell the same version (PEP 440: letter case and the separators of a local version)."""
        return len({re.sub(r"[-_]", ".", text.lower().strip()) for text in (self.version, version)}) == 1


@record(frozen=True)
class Recorded:
    """One line of a RECORD: the file below site-packages, its digest as it is written there, and its size."""

    path: str
    digest: str
    size: int | None


def read_record(root: Sysroot, distribution: Distribution) -> bytes:
    """The RECORD of a distribution; b"" where there is none that can be read."""
    try:
        return root.read_bytes(distribution.info / "RECORD", limit=RECORD_LIMIT)
    except OSError as err:
        absent(err)
        return b""


def recorded(root: Sysroot, distribution: Distribution, ending: str) -> Iterator[Recorded]:
    """The lines about files whose path ends with a pattern: found by search, a RECORD may have 20 000 lines."""
    pattern = rf'^"?([^,"\n]*{ending})"?,([^,\n]*),([0-9]{{0,15}})\r?$'.encode()
    for found in re.finditer(pattern, read_record(root, distribution), re.MULTILINE):
        path, digest, size = (part.decode("utf-8", "replace") for part in found.groups())
        yield Recorded(path, digest, int(size) if size else None)


def written_digest(text: str) -> tuple[str, bytes] | None:
    """A RECORD's digest: its algorithm and bytes, written in base64url without padding as the wheel format has it, or
    hexadecimal (AMD's kpack splitter, wheel_splitter.py); None for what is neither, or of another algorithm."""
    import base64

    algorithm, _, written = text.partition("=")
    size = ALGORITHMS.get(algorithm, 0)
    if size and re.fullmatch(rf"[0-9a-f]{{{2 * size}}}", written):
        return algorithm, bytes.fromhex(written)
    if size and re.fullmatch(r"[\w-]+", written, re.ASCII) and len(written) == -(-size * 8 // 6):
        return algorithm, base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    return None


def read_torch(root: Sysroot, site_packages: PurePosixPath) -> Torch | None:
    """The torch in one site-packages folder, or None. Its version is "unknown" where nothing readable names it."""
    torch = installed_at(root, site_packages)
    if torch is None:
        return None
    fields: Fields = {}
    with contextlib.suppress(OSError):
        fields = parse_version(root.read_text(torch.folder / "version.py", limit=VERSION_LIMIT))
    version = fields.get("__version__") or (torch.own.version if torch.own else "unknown")
    kind = _kind(fields, version, root.names(torch.folder / "lib"))
    rocm = _rocm(fields, version) if kind in (TorchKind.ROCM, TorchKind.UNKNOWN) else None
    origin = _origin(root, torch, version, built_for_cuda=bool(fields.get("cuda")))
    own = own_kernels(root, torch, version, origin) if kind is TorchKind.ROCM else Own(known_from=NONE[kind])
    libraries = library_kernels(root, torch) if kind is TorchKind.ROCM else ()
    return Torch(version, rocm, own.targets, origin, kind, own.known_from, libraries, own.unsure, own.note)


def _kind(fields: Fields, version: str, libraries: Sequence[str]) -> TorchKind:
    """What it was built for: its libraries are what is loaded, then version.py, then the version's local part."""
    local, said_no = version.partition("+")[2], "cuda" in fields and "hip" in fields
    kinds = [kind for kind, (library, _, _) in KINDS.items() if library in libraries]
    if len(kinds) != 1:
        kinds = [kind for kind, (_, field, _) in KINDS.items() if fields.get(field)]
    if not kinds and not said_no:
        kinds = [kind for kind, (*_, start) in KINDS.items() if re.match(rf"{start}[a-z]*[0-9]|{start}$", local)]
    if kinds:
        return kinds[0]
    return TorchKind.CPU if local.startswith("cpu") or said_no or CPU_LIBRARY in libraries else TorchKind.UNKNOWN


def parse_version(text: str) -> Fields:
    """The string constants assigned on single lines of version.py; what is no such assignment is left out.

    Line by line, because a whole hostile file can drive Python's parser into its recursion limits.
    """
    fields: dict[str, str | None] = {}
    for line in text.splitlines():
        found = re.match(FIELD, line) if len(line) <= LINE_LIMIT else None
        if found and isinstance(value := _literal(found[2]), str | None):
            fields[found[1]] = value if value is None or value.isprintable() else None
    return fields


def _literal(text: str) -> object:
    """What a literal says; () for what is none."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in their file is no business of our stderr
            return ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return ()


def _rocm(fields: Fields, version: str) -> str | None:
    """``rocm`` where torch has it, then the local version, then HIP's (in ROCm 10 wheels hip is 7.15, rocm 10.0)."""
    if found := re.match(RELEASE, fields.get("rocm") or ""):
        return found[0]
    local = version.partition("+")[2]
    if local.startswith("rocm") and (found := re.match(RELEASE, local[4:])):
        return found[0]
    hip = re.match(RELEASE, fields.get("hip") or "")
    return ".".join(hip[0].split(".")[:2]) if hip else None


def _origin(root: Sysroot, torch: Installed, version: str, *, built_for_cuda: bool) -> TorchOrigin:
    local = version.partition("+")[2]
    if _from_therock(root, torch, local):
        return TorchOrigin.THEROCK
    by_pip = torch.own and (root.read_optional(torch.own.info / "INSTALLER") or "").strip() in ("pip", "uv")
    if not by_pip and str(torch.site).startswith(DISTRO_PLACES):
        return TorchOrigin.DISTRO
    if local.startswith("git") or torch.folder.parent != torch.site:
        return TorchOrigin.SELF_BUILT
    stock = re.fullmatch(STOCK, local) or (by_pip and not local and built_for_cuda)
    return TorchOrigin.PYTORCH_ORG if stock else TorchOrigin.UNKNOWN


def _from_therock(root: Sysroot, torch: Installed, local: str) -> bool:
    """pytorch.org wheels may depend on TheRock's rocm_sdk packages too; torch/_rocm_init.py is TheRock's alone."""
    packaged = any(info.name.startswith("amd_torch_device_") for info in torch.infos)
    return packaged or local.startswith("rocmsdk") or root.exists(torch.folder / "_rocm_init.py")
