"""An installed torch, read without running any of it: version.py, file names and package metadata names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.torch_kernels import Installed, Own, installed_at, library_kernels, own_kernels
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Proof, Torch, TorchKind, TorchOrigin

VERSION_LIMIT = 1 << 16  # bytes; the real file has a few hundred
LINE_LIMIT = 300  # characters; keeps the parser far from its recursion limits
FIELD = r"(?:__version__|hip|rocm|cuda|xpu)\b[\s:=]"
RELEASE = r"[0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?![0-9])"
STOCK = r"(?:rocm[0-9]+\.[0-9]+(?:\.[0-9]+)?|cu[0-9]+|cpu|xpu)(?:\.cxx11\.abi)?"
DISTRO_PLACES = ("/usr/lib/", "/usr/lib64/")
LIBRARIES = {"libtorch_hip.so": TorchKind.ROCM, "libtorch_cuda.so": TorchKind.CUDA, "libtorch_xpu.so": TorchKind.XPU}
NONE = dict.fromkeys(TorchKind, Proof.PACKAGE) | {TorchKind.UNKNOWN: Proof.UNKNOWN}  # how it is known to have none
CPU_LIBRARY = "libtorch_cpu.so"

Fields = Mapping[str, str | None]


def read_torch(root: Sysroot, site_packages: PurePosixPath) -> Torch | None:
    """The torch in one site-packages folder, or None. Its version is "unknown" where nothing readable names it."""
    torch = installed_at(root, site_packages)
    if torch is None:
        return None
    fields = _fields(root, torch.folder / "version.py")
    version = fields.get("__version__") or next(
        (info.version for info in torch.infos if info.name == "torch"), "unknown"
    )
    kind = _kind(fields, version, root.names(torch.folder / "lib"))
    rocm = _rocm(fields, version) if kind in (TorchKind.ROCM, TorchKind.UNKNOWN) else None
    origin = _origin(root, torch, version, built_for_cuda=bool(fields.get("cuda")))
    own = own_kernels(root, torch, version, origin) if kind is TorchKind.ROCM else Own(known_from=NONE[kind])
    return Torch(
        version=version,
        rocm=rocm,
        gfx_targets=own.targets,
        origin=origin,
        kind=kind,
        known_from=own.known_from,
        libraries=library_kernels(root, torch) if kind is TorchKind.ROCM else (),
        unsure=own.unsure,
        note=own.note,
    )


def _kind(fields: Fields, version: str, libraries: Sequence[str]) -> TorchKind:
    """What it was built for: its libraries are what is loaded, then version.py, then the version's local part."""
    built = [kind for name, kind in LIBRARIES.items() if name in libraries]
    if len(built) == 1:
        return built[0]
    for field, kind in (("hip", TorchKind.ROCM), ("cuda", TorchKind.CUDA), ("xpu", TorchKind.XPU)):
        if fields.get(field):
            return kind
    local = version.partition("+")[2]
    for start, kind in (("rocm", TorchKind.ROCM), ("cu", TorchKind.CUDA), ("xpu", TorchKind.XPU)):
        if re.match(rf"{start}[a-z]*[0-9]|{start}$", local):
            return kind
    said_no = "cuda" in fields and "hip" in fields
    return TorchKind.CPU if local.startswith("cpu") or said_no or CPU_LIBRARY in libraries else TorchKind.UNKNOWN


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
    by_pip = _installer(root, torch) in ("pip", "uv")
    if not by_pip and str(torch.site).startswith(DISTRO_PLACES):
        return TorchOrigin.DISTRO
    if local.startswith("git") or torch.folder.parent != torch.site:
        return TorchOrigin.SELF_BUILT
    if re.fullmatch(STOCK, local) or (by_pip and not local and built_for_cuda):
        return TorchOrigin.PYTORCH_ORG
    return TorchOrigin.UNKNOWN


def _from_therock(root: Sysroot, torch: Installed, local: str) -> bool:
    """pytorch.org wheels may depend on TheRock's rocm_sdk packages too; torch/_rocm_init.py is TheRock's alone."""
    packaged = any(info.name.startswith("amd_torch_device_") for info in torch.infos)
    return packaged or local.startswith("rocmsdk") or root.exists(torch.folder / "_rocm_init.py")


def _installer(root: Sysroot, torch: Installed) -> str:
    own = next((info for info in torch.infos if info.name == "torch"), None)
    return "" if own is None else (root.read_optional(own.info / "INSTALLER") or "").strip()
