"""What the generation wants of the environment, and the judgement of a value that somebody else has set."""

from __future__ import annotations

import re
from dataclasses import field

from rdna_installer.model import Generation, Gpu, HostFacts, Layer, Status
from rdna_installer.record import record

OVERRIDE = re.compile(r"HSA_OVERRIDE_GFX_VERSION(?:_(\d+))?")
VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})")
DEFAULTED = re.compile(r"\$\{(\w+):?[-=]([^${}`]*)\}")


@record(frozen=True)
class Wanted:
    """Values by key: for the whole machine, and for each site (by python path)."""

    env: dict[str, str] = field(default_factory=dict)
    sites: dict[str, dict[str, str]] = field(default_factory=dict)
    applied: bool = False

    def anywhere(self, key: str) -> dict[str, str]:
        """``key``'s wanted values by site; the machine-wide one under ``""``."""
        found = {site: values[key] for site, values in self.sites.items() if key in values}
        return {"": self.env[key], **found} if key in self.env else found


@record(frozen=True)
class Judgement:
    """Whether a value somebody set may stay."""

    status: Status
    wanted: str | None = None
    hint: str | None = None


def wanted_of(generation: Generation | None) -> Wanted:
    """The environment and Python settings of a generation."""
    wanted = Wanted(applied=generation is not None and generation.number > 0)
    for setting in generation.settings if generation else ():
        if setting.layer is Layer.ENV:
            wanted.env[setting.key] = setting.value
        elif setting.layer is Layer.PYTHON and setting.site:
            wanted.sites.setdefault(setting.site, {})[setting.key] = setting.value
    return wanted


def judge(key: str, value: str, wanted: Wanted, facts: HostFacts) -> Judgement:
    """Judge ``key=value`` as found in a file or in a session. Whatever the user has set wins over ours."""
    value = _default_of(key, value)
    ours = wanted.anywhere(key)
    shown = " or ".join(dict.fromkeys(ours.values())) or None
    if "$" in value or "`" in value:
        if ours or OVERRIDE.fullmatch(key):
            return Judgement(Status.UNKNOWN, shown, "it is computed there: only a run of that shell shows the value")
        return Judgement(Status.OK, None, _note(key))
    if ours.get("") == value:
        return Judgement(Status.OK, value)
    if OVERRIDE.fullmatch(key) and (bad := _bad_override(key, value, facts)):
        return Judgement(bad.status, shown, bad.hint)
    others = {site: v for site, v in ours.items() if v != value}
    if others:
        return Judgement(Status.MISMATCH, shown, f"it wins over ours{_where(others)}: remove it")
    return Judgement(Status.OK, shown, _note(key))


def _where(others: dict[str, str]) -> str:
    sites = [site for site in others if site]
    return f" in {', '.join(sites)}" if sites else ""


def _note(key: str) -> str | None:
    if key == "LD_LIBRARY_PATH":
        return "it can mix libraries of another ROCm into a torch that brings its own; torch does not need it"
    return None


def _default_of(key: str, value: str) -> str:
    """``${KEY:-10.3.0}`` is 10.3.0 unless something else has set KEY."""
    match = DEFAULTED.fullmatch(value)
    return match[2] if match and match[1] == key else value


def _bad_override(key: str, value: str, facts: HostFacts) -> Judgement | None:
    if not value:
        return Judgement(Status.FAILED, hint="an empty value breaks HSA (no GPU is found): unset it instead")
    if VERSION.fullmatch(value) is None:
        hint = "malformed: HSA finds no GPU at all with it. The form is MAJOR.MINOR.STEP, like 10.3.0"
        return Judgement(Status.FAILED, hint=hint)
    node = _node_of(key)
    gpus = [g for g in facts.gpus if node is None or g.kfd_node == node]
    if node is not None and not gpus and any(g.kfd_node is not None for g in facts.gpus):
        return Judgement(Status.MISMATCH, hint=f"KFD node {node} is no GPU (node 0 is usually the CPU): remove it")
    for gpu in gpus:
        site = _native_site(gpu, facts)
        if site and value != version_of(gpu.gfx):
            hint = f"remove it: the torch of {site} has native {gpu.gfx} kernels, and this makes it load others"
            return Judgement(Status.MISMATCH, hint=hint)
    return None


def _node_of(key: str) -> int | None:
    match = OVERRIDE.fullmatch(key)
    return int(match[1]) if match and match[1] else None


def _native_site(gpu: Gpu, facts: HostFacts) -> str | None:
    for site in facts.sites:
        if site.torch and site.torch.has(gpu.gfx):
            return str(site.python)
    return None


def version_of(gfx: str) -> str | None:
    """``gfx1031`` as the override variable spells it: 10.3.1 (minor and step are hexadecimal digits)."""
    match = re.fullmatch(r"gfx(\d{1,2})([0-9a-f])([0-9a-f])", gfx)
    return f"{int(match[1])}.{int(match[2], 16)}.{int(match[3], 16)}" if match else None
