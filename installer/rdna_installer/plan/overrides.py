"""HSA_OVERRIDE_GFX_VERSION that somebody else sets for every program, held against the torch sites here. Pure.

It wins over ours (a hook never replaces what is set), makes a torch with native kernels load others, and where it is
empty or malformed HSA finds no GPU at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rdna_installer.knowledge.targets import Targets, override_value
from rdna_installer.model import Conflict, Gpu, HostFacts, Policy
from rdna_installer.plan.conflicts import Others
from rdna_installer.plan.gpuset import describe
from rdna_installer.plan.native import kernels_of
from rdna_installer.plan.spoof import OVERRIDE
from rdna_installer.record import record

KEY = re.compile(OVERRIDE + r"(?:_([0-9]{1,3}))?")
VERSION = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}")
BREAKS = "HSA finds no GPU at all with it"


@record(frozen=True)
class Foreign:
    """One assignment of somebody else. ``source`` is file:line, or the session (which does not last)."""

    key: str
    value: str
    source: str
    lasting: bool = True


def find_overrides(found: Iterable[Foreign], facts: HostFacts, policy: Policy, targets: Targets) -> Others:
    """What of it hits a site with native kernels or wins over ours (conflicts), and what is malformed (warnings)."""
    conflicts: dict[Conflict, None] = {}
    warnings: dict[str, None] = {}
    for item in found:
        match = KEY.fullmatch(item.key)
        if match is None or "$" in item.value or "`" in item.value:
            continue
        problem = _malformed(item.value)
        if problem is not None:
            warnings[f"{item.source} sets {item.key} to {problem}: {BREAKS}; remove it there"] = None
            continue
        conflict = _against_native(item, match[1], facts, targets) or _against_ours(item, policy)
        if conflict is not None and item.lasting:
            conflicts[conflict] = None
        elif conflict is not None:
            warnings[f"{item.source} sets {item.key}={item.value}: {conflict.hint}"] = None
        elif refused := _refused(item, policy):
            warnings[refused] = None
    return Others(tuple(conflicts), tuple(warnings))


def _malformed(value: str) -> str | None:
    if not value.strip():
        return "an empty value"
    return None if VERSION.fullmatch(value) else f"{value!r}, which is not MAJOR.MINOR.STEP"


def _against_native(item: Foreign, node: str | None, facts: HostFacts, targets: Targets) -> Conflict | None:
    hit = [gpu for gpu in facts.gpus if node is None or gpu.kfd_node == int(node)]
    for site in facts.sites:
        if site.torch is None or not site.torch.for_rocm:
            continue
        kernels = kernels_of(site, facts, targets)
        for gpu in hit:
            if kernels.run_on(gpu.gfx, targets) and not _is_itself(item.value, gpu):
                why = (
                    f"{site.python} has native kernels for {describe(gpu)}: this makes it load others. Remove it there"
                )
                return Conflict(item.key, None, item.value, item.source, why)
    return None


def _is_itself(value: str, gpu: Gpu) -> bool:
    return value == override_value(gpu.gfx)


def _against_ours(item: Foreign, policy: Policy) -> Conflict | None:
    for setting in policy.settings:
        if setting.key == item.key and setting.value != item.value:
            why = f"{item.source} wins over ours in {setting.site}: remove it there, or leave ours out with --unset"
            return Conflict(item.key, setting.value, item.value, item.source, f"{why} {item.key}")
    return None


def _refused(item: Foreign, policy: Policy) -> str | None:
    """A value that we refuse to set on this GPU, set by somebody else."""
    refused = next((r for r in policy.rejected if r.key == f"{OVERRIDE}={item.value}"), None)
    return f"{item.source} sets {item.key}={item.value}; this program would not: {refused.reason}" if refused else None
