"""Prove every kernel option before it may be in a plan: name and type by the kernels, range by the catalogue.

A value that does not parse keeps amdgpu from loading: no display. So what cannot be proved is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rdna_installer.detect.kernels import release_key
from rdna_installer.model import KernelImage, Layer, Rejected, Setting
from rdna_installer.parameter import number, split
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.catalogue import Entry

TRUE = frozenset({"y", "Y", "1", "on"})
FALSE = frozenset({"n", "N", "0", "off"})
BOOLEAN = frozenset({"bool", "invbool", "bint"})
TEXT = frozenset({"charp", "string"})
TEXT_LIMIT = 1024  # characters (param_set_charp)
BITS = {"byte": 8, "ushort": 16, "uint": 32, "hexint": 32, "ulong": 64, "ullong": 64}
SIGNED = {"short": 15, "int": 31, "long": 63}
RANGES = {**{kind: (0, 2**n - 1) for kind, n in BITS.items()}, **{k: (-(2**n), 2**n - 1) for k, n in SIGNED.items()}}


def problem(kind: str, value: str) -> str | None:
    """Why a parameter of C type ``kind`` (as modinfo prints it) does not take ``value``, or None when it does."""
    if kind.startswith("array of "):
        element = kind.removeprefix("array of ")
        return next((why for item in value.split(",") if (why := problem(element, item))), None)
    if kind in BOOLEAN:
        return None if value in TRUE | FALSE else f"{value!r} is neither Y nor N ({kind})"
    if kind in TEXT:
        return None if len(value) <= TEXT_LIMIT else f"it is longer than {TEXT_LIMIT} characters"
    if kind not in RANGES:
        return f"its type {kind!r} is not known here, so the value cannot be checked"
    return _not_in_range(kind, value)


def _not_in_range(kind: str, value: str) -> str | None:
    parsed = number(value)
    lowest, highest = RANGES[kind]
    if parsed is None:
        return f"{value!r} is no integer ({kind})"
    if value.startswith("-") and lowest == 0:
        return f"{value!r} is negative ({kind})"  # also "-0": the unsigned parsers take no sign
    return None if lowest <= parsed <= highest else f"{value} does not fit {kind} ({lowest} to {highest})"


@record(frozen=True)
class ParameterProof:
    """``refused``: settings that must not be written. ``warnings``: true things worth saying about the others."""

    refused: tuple[Rejected, ...] = ()
    warnings: tuple[str, ...] = ()


def prove(
    settings: Iterable[Setting], kernels: Sequence[KernelImage], running: str | None, catalogue: Mapping[str, Entry]
) -> ParameterProof:
    """Prove the kernel settings among ``settings``. ``running`` is None below another root."""
    wanted = [s for s in settings if s.layer is Layer.KERNEL]
    if not wanted:
        return ParameterProof()
    decider = deciding_kernel(kernels, running)
    if decider is None:
        none = "no installed kernel has an amdgpu module: it cannot be checked here"
        return ParameterProof(tuple(_reject(s, none) for s in wanted))
    others = [k for k in kernels if k.amdgpu == "module" and k.release != decider.release]
    refused, warnings = [], _stand_in(decider, running)
    for setting in wanted:
        reason = _refusal(setting, decider, others, catalogue)
        if reason:
            refused.append(_reject(setting, reason))
        else:
            warnings += [w for kernel in others for w in _warnings(setting, kernel)]
    return ParameterProof(tuple(refused), tuple(dict.fromkeys(warnings)))


def deciding_kernel(kernels: Sequence[KernelImage], running: str | None) -> KernelImage | None:
    """The running kernel if it has an amdgpu module, else the newest that has one."""
    able = sorted((k for k in kernels if k.amdgpu == "module"), key=lambda k: release_key(k.release))
    return next((k for k in able if k.release == running), able[-1] if able else None)


def _stand_in(decider: KernelImage, running: str | None) -> list[str]:
    if decider.release == running:
        return []
    lacks = (
        f"the running kernel {running} has no amdgpu module here" if running else "no kernel of this root is running"
    )
    return [f"{lacks}: options were checked against the newest installed kernel, {decider.release}"]


def _reject(setting: Setting, reason: str) -> Rejected:
    return Rejected(setting.key, f"{setting.key}={setting.value}: {reason}", setting.rule, setting.site)


def _refusal(
    setting: Setting, decider: KernelImage, others: Iterable[KernelImage], catalogue: Mapping[str, Entry]
) -> str | None:
    """Why a setting must not be written, or None."""
    module, name = split(setting.key)
    types = _types(decider, module)
    if types is None:
        return f"the options of kernel {decider.release} cannot be read (is kmod installed?)"
    if name not in types:
        return f"{module} of kernel {decider.release} has no parameter {name!r}{_similar(name, types)}"
    for kernel in (decider, *others):
        kind = (_types(kernel, module) or {}).get(name)
        why = problem(kind, setting.value) if kind else None
        if why:
            return f"kernel {kernel.release} would not load {module}: {why}"
    entry = catalogue.get(setting.key)
    return entry.problem(setting.value) if entry is not None else None


def _types(kernel: KernelImage, module: str) -> Mapping[str, str] | None:
    """Parameter types of a module of one kernel; {} when it has no such module, None when nobody could ask."""
    return None if kernel.parameters is None else kernel.parameters.get(module, {})


def _similar(name: str, types: Mapping[str, str]) -> str:
    """A hint for the commonest mistake, another underscore (gtt_size for gttsize)."""
    squeezed = {known.replace("_", ""): known for known in types}
    close = squeezed.get(name.replace("_", ""))
    return f" (it is called {close})" if close else ""


def _warnings(setting: Setting, kernel: KernelImage) -> list[str]:
    module, name = split(setting.key)
    types = _types(kernel, module)
    if types is None:
        return [f"the parameters of kernel {kernel.release} could not be read: options are not checked for it"]
    if name not in types:
        return [f"{module} of kernel {kernel.release} has no parameter {name!r}: it will be ignored there"]
    return []
