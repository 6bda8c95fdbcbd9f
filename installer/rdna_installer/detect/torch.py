"""An installed torch, read without running any of it: version.py, file names and package metadata names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.rocblas import NAME, in_order, targets_in
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Torch, TorchOrigin
from rdna_installer.record import record

VERSION_LIMIT = 1 << 16  # bytes; the real file has a few hundred
LINE_LIMIT = 300  # characters; keeps the parser far from its recursion limits
FIELD = r"(?:__version__|hip|rocm|cuda)\b[\s:=]"
RELEASE = r"[0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?![0-9])"
DEVICE = rf"(?i)amd_torch_device_({NAME})"
PACK = rf"torch_({NAME})(?::[a-z0-9:+-]+)?\.kpack"
SPLIT = ("amd_torch_device_", "rocm_sdk_device_", "rocm_bootstrap-")
STOCK = r"(?:rocm[0-9]+\.[0-9]+(?:\.[0-9]+)?|cu[0-9]+|cpu|xpu)(?:\.cxx11\.abi)?"
DISTRO_PLACES = ("/usr/lib/", "/usr/lib64/")

Fields = Mapping[str, str | None]


@record(frozen=True)
class _Installed:
    """Where a torch is: ``folder`` its package, ``site`` the folder it was found from, and what lies beside it."""

    site: PurePosixPath
    folder: PurePosixPath
    entries: tuple[str, ...]

    @property
    def infos(self) -> list[str]:
        """Names of the installed distributions, as "torch-2.5.1+rocm6.2"."""
        return [name.removesuffix(".dist-info") for name in self.entries if name.endswith(".dist-info")]


def read_torch(root: Sysroot, site_packages: PurePosixPath) -> Torch | None:
    """The torch in one site-packages folder, or None. Its version is "unknown" where nothing readable names it."""
    folder = _folder(root, site_packages)
    if folder is None:
        return None
    torch = _Installed(site_packages, folder, tuple(root.names(site_packages)))
    fields = _fields(root, folder / "version.py")
    version = fields.get("__version__") or _version_of("torch", torch.infos) or "unknown"
    return Torch(
        version=version,
        rocm=_rocm(fields, version),
        gfx_targets=_targets(root, torch, version),
        origin=(origin := _origin(root, torch, version, built_for_cuda=bool(fields.get("cuda")))),
        hollow=origin is TorchOrigin.THEROCK and _hollow(root, torch, version),
    )


def _folder(root: Sysroot, site_packages: PurePosixPath) -> PurePosixPath | None:
    """The folder ``torch``, here or (``setup.py develop``, as most self-built ones are) where an egg-link points."""
    link = (root.read_optional(site_packages / "torch.egg-link") or "").splitlines()
    places = [site_packages, *(PurePosixPath(line) for line in link[:1] if line.startswith("/"))]
    found = (place / "torch" for place in places)
    return next((p for p in found if root.exists(p / "version.py") or root.exists(p / "__init__.py")), None)


def _fields(root: Sysroot, path: PurePosixPath) -> Fields:
    try:
        text = root.read_text(path, limit=VERSION_LIMIT)
    except OSError:
        return {}
    return parse_version(text)


def parse_version(text: str) -> Fields:
    """The string constants assigned on single lines of version.py; what is no such assignment is left out.

    Line by line, because a whole hostile file can drive Python's parser into its recursion limits.
    """
    fields: dict[str, str | None] = {}
    for line in text.splitlines():
        if re.match(FIELD, line) and len(line) <= LINE_LIMIT:
            fields.update(_assignment(line))
    return fields


def _assignment(line: str) -> Fields:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in their file is no business of our stderr
            (statement,) = ast.parse(line).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    targets: Sequence[ast.expr] = ()
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    value = getattr(statement, "value", None)
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str | None):
        return {}
    text = value.value if value.value is None or value.value.isprintable() else None
    return {target.id: text for target in targets if isinstance(target, ast.Name)}


def _version_of(project: str, infos: Sequence[str]) -> str | None:
    """From "torch-2.5.1+rocm6.2.dist-info"."""
    found = (name.partition("-") for name in infos)
    return next((version for name, _, version in found if name.lower() == project and version.isprintable()), None)


def _rocm(fields: Fields, version: str) -> str | None:
    """``rocm`` where torch has it, then the local version, then HIP's (in ROCm 10 wheels hip is 7.15, rocm 10.0)."""
    if found := re.match(RELEASE, fields.get("rocm") or ""):
        return found[0]
    local = version.partition("+")[2]
    if local.startswith("rocm") and (found := re.match(RELEASE, local[4:])):
        return found[0]
    hip = re.match(RELEASE, fields.get("hip") or "")
    return ".".join(hip[0].split(".")[:2]) if hip else None


def _targets(root: Sysroot, torch: _Installed, version: str) -> tuple[str, ...]:
    """Targets torch has kernels for: its packs of AMD's split wheels, else the rocBLAS files built by the same list.

    ROCm's own device packages (rocm_sdk_device_*, _rocm_sdk_libraries) are there for every target beside a torch of
    pytorch.org from ROCm 7.14 on, and prove nothing about torch; those of one family (_rocm_sdk_libraries_gfx103X_all)
    came with a torch for that family.
    """
    if names := _packed(root, torch, version):
        return in_order(names)
    places = [torch.folder / "lib"]
    places += [torch.site / name / "lib" for name in torch.entries if name.startswith("_rocm_sdk_libraries_gfx")]
    return targets_in(root, [place / "rocblas/library" for place in places])


def _packed(root: Sysroot, torch: _Installed, version: str) -> list[str]:
    """Targets with both a pack of kernels and the device package of torch's own version (copies lose dot-folders)."""
    packs = (re.fullmatch(PACK, name) for name in root.names(torch.folder / ".kpack"))
    inside = {found[1] for found in packs if found}
    devices = (name.partition("-") for name in torch.infos)
    named = (re.fullmatch(DEVICE, name) for name, _, built in devices if built == version)
    return [found[1].lower() for found in named if found and found[1].lower() in inside]


def _hollow(root: Sysroot, torch: _Installed, version: str) -> bool:
    """A split torch of AMD without a device package: its first launch ends in hipErrorInvalidImage (TheRock#7839)."""
    split = any(name.lower().startswith(SPLIT) for name in torch.infos) or "_rocm_sdk_libraries" in torch.entries
    return split and not _packed(root, torch, version)


def _origin(root: Sysroot, torch: _Installed, version: str, *, built_for_cuda: bool) -> TorchOrigin:
    local = version.partition("+")[2]
    if _from_therock(root, torch, local):
        return TorchOrigin.THEROCK
    by_pip = _installer(root, torch) in ("pip", "uv")
    if not by_pip and str(torch.site).startswith(DISTRO_PLACES):
        return TorchOrigin.DISTRO
    if local.startswith("git") or torch.folder.parent != torch.site:
        return TorchOrigin.SELF_BUILT
    if re.fullmatch(STOCK, local) or (by_pip and not local and built_for_cuda):
        return TorchOrigin.PYTORCH_ORG
    return TorchOrigin.UNKNOWN


def _from_therock(root: Sysroot, torch: _Installed, local: str) -> bool:
    """pytorch.org wheels may depend on TheRock's rocm_sdk packages too; torch/_rocm_init.py is TheRock's alone."""
    packaged = any(name.lower().startswith("amd_torch_device_") for name in torch.infos)
    return packaged or local.startswith("rocmsdk") or root.exists(torch.folder / "_rocm_init.py")


def _installer(root: Sysroot, torch: _Installed) -> str:
    info = next((name for name in torch.infos if name.lower().startswith("torch-")), None)
    return "" if info is None else (root.read_optional(torch.site / f"{info}.dist-info/INSTALLER") or "").strip()
