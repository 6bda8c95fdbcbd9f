"""``verify``: every family of checks, one report. Reads only; what root found is left in /run by check/kernel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from rdna_installer.check.device import check_device
from rdna_installer.check.files import check_files
from rdna_installer.check.kernel import check_images, check_kernel
from rdna_installer.check.others import check_environment, check_others, check_session, check_unread, check_userenv
from rdna_installer.check.wanted import Ask, InForce, wanted_of
from rdna_installer.detect.dotfiles import Scan
from rdna_installer.detect.rocm import short
from rdna_installer.gfx import OVERRIDE, OVERRIDE_KEY
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, PythonSite, Report, Status, Torch, User
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.rules import Rule
# Their wheels carry the whole ROCm user space: the system's ROCm is not used (only the kernel driver is).
MEANT_FOR = r"(?P<gfx>gfx\w+)(?: node (?P<node>\d+))?(?: (?P<pci>[0-9a-f:.]+))?"


@record(frozen=True)
class SetByOthers:
    """What others have set: the start-up files that count, the caller's environment, and who judges a value."""

    files: Scan
    environ: Mapping[str, str]
    ask: Ask
    faults: Callable[[], Iterable[Rule]] = tuple  # what is known to be wrong with this kernel


def verify(facts: HostFacts, generation: Generation | None, root: Sysroot, user: User, seen: SetByOthers) -> Report:
    """Check that the settings work."""
    wanted, found = wanted_of(generation), seen.files
    checks = (
        *_of_generation(facts, generation, root), *_of_user(facts, wanted, seen, root, user),
        *_of_ways(facts, generation, wanted, seen, root, user),
        *check_session(seen.environ if facts.live else {}, wanted, found, seen.ask),
        *check_others(facts, generation, seen.ask), *check_unread(wanted, seen.ask), *_of_the_system(facts, seen),
        *check_versions(facts, generation, wanted), *_of_programs(facts, wanted, root),
    )  # fmt: skip
    pending = any(c.status is Status.PENDING_REBOOT for c in checks)
    return Report(checks, pending, generation.number if generation else None)


def _of_ways(
    facts: HostFacts, generation: Generation | None, wanted: InForce, seen: SetByOthers, root: Sysroot, user: User
) -> Iterator[Check]:
    if generation is not None and wanted.env and facts.live:
        from rdna_installer.check.ways import check_ways

        yield from check_ways(wanted.env, generation, seen.files, root, user)


def _of_programs(facts: HostFacts, wanted: InForce, root: Sysroot) -> Iterator[Check]:
    if any(site.torch for site in facts.sites):
        from rdna_installer.check.libraries import check_libraries

        yield from check_libraries(facts, wanted, root)


def _of_the_system(facts: HostFacts, seen: SetByOthers) -> Iterator[Check]:
    """The kind of system, and known faults of this kernel: to be looked at where one is met, no fault of ours."""
    release = facts.running_kernel or (facts.kernels[-1].release if facts.kernels else None)
    for kind, text in surroundings(facts):
        yield Check(f"system:{kind}", Status.OK, None, None, None, text)
    for rule in seen.faults() if facts.gpus else ():
        yield Check(f"kernel:known:{rule.id}", Status.OK, None, release, None, " ".join(rule.said))


def _of_generation(facts: HostFacts, generation: Generation | None, root: Sysroot) -> Iterator[Check]:
    if generation is None or (generation.number == 0 and not generation.managed):
        hint = "nothing is applied yet; see what would change: rdna-installer plan"
        yield Check("generation", Status.NOT_APPLICABLE, hint=hint)
        return
    for step in generation.pending:
        hint = "the last change did not finish; finish it: sudo rdna-installer recover"
        yield Check(f"activation:{step.kind.value}", Status.FAILED, step.summary, "not done", None, hint)
    yield from check_files(generation, root)
    yield from check_kernel(facts, generation, root)
    yield from check_images(facts, generation, root)


def _of_user(facts: HostFacts, wanted: InForce, seen: SetByOthers, root: Sysroot, user: User) -> Iterator[Check]:
    yield from check_environment(wanted, seen.files, facts, user)
    if wanted.sites or facts.unseen:
        from rdna_installer.check.hook import check_hooks

        yield from check_hooks(wanted, facts, root, user)
    yield from check_device(facts, root, user)
    yield from check_userenv(seen.files, wanted, seen.ask)


def check_versions(facts: HostFacts, generation: Generation | None, wanted: InForce) -> Iterator[Check]:
    """Lines for the torch of each chosen site (all sites when none is chosen) and for the GPUs of overrides."""
    for site in facts.sites:
        if site.torch and (not wanted.sites or str(site.python) in wanted.sites):
            yield from _torch(site, site.torch, facts, chosen=str(site.python) in wanted.sites)
    if generation is not None and generation.number > 0:
        yield from _overrides(facts, generation, wanted)


def _torch(site: PythonSite, torch: Torch, facts: HostFacts, *, chosen: bool) -> Iterator[Check]:
    line = f"version:rocm:{site.python}"
    have = ", ".join(dict.fromkeys(r.version for r in facts.rocm)) or None
    if not torch.for_rocm:
        if chosen:
            hint = "this torch is not built for ROCm and cannot use an AMD GPU; see which can: rdna-installer advise"
            yield Check(line, Status.MISMATCH, "a ROCm build of torch", torch.version, str(site.site_packages), hint)
        return
    if torch.brings_rocm:
        hint = "this wheel brings its own ROCm; the version of the system's does not matter"
        yield Check(line, Status.OK, None, torch.version, torch.origin.value, hint)
        return
    if torch.rocm is None:
        hint = f"ask who built it: torch {torch.version} names no ROCm version"
        yield Check(line, Status.UNKNOWN, None, have, torch.origin.value, hint)
        return
    wanted = f"ROCm {short(torch.rocm)}"
    if any(short(r.version) == short(torch.rocm) for r in facts.rocm):
        yield Check(line, Status.OK, wanted, have, torch.origin.value)
        return
    hint = f"install ROCm {short(torch.rocm)}, or a stock wheel: torch {torch.version} uses the system's libraries"
    if torch.brings_rocm is None:
        hint = f"ask who built torch {torch.version}: if it brings no libraries of its own, they must match"
    status = Status.UNKNOWN if torch.brings_rocm is None else Status.MISMATCH
    yield Check(line, status, wanted, have, torch.origin.value, hint)


def _overrides(facts: HostFacts, generation: Generation, wanted: InForce) -> Iterator[Check]:
    """An override names a GPU by KFD node, or all of them: the GPUs must still be those it was meant for."""
    keys = [key for values in (wanted.env, *wanted.sites.values()) for key in values]
    named = (key for key in keys if key.startswith(OVERRIDE))
    matches = dict.fromkeys(m[1] for key in named if (m := re.fullmatch(OVERRIDE_KEY, key)))
    meant = [m for text in generation.gpus if matches and (m := re.fullmatch(MEANT_FOR, text))]
    for node in matches:
        for match in meant:
            if node is None or match["node"] == node:
                yield _same_gpu(match, facts, f"version:override:{match['pci'] or match['gfx']}")
        if node is not None and not any(m["node"] == node for m in meant):
            hint = "which GPU this node was is not recorded; plan again: rdna-installer apply"
            yield Check(f"version:override:node-{node}", Status.UNKNOWN, f"node {node}", hint=hint)


def _same_gpu(meant: re.Match[str], facts: HostFacts, line: str) -> Check:
    if not facts.gpus and not facts.live:
        return Check(line, Status.NOT_APPLICABLE, meant[0], hint="not the running system")
    for gpu in facts.gpus:
        same_node = meant["node"] is None or gpu.kfd_node == int(meant["node"])
        if gpu.gfx == meant["gfx"] and same_node and gpu.pci == (meant["pci"] or gpu.pci):
            return Check(line, Status.OK, meant[0], meant[0])
    now = ", ".join(f"{g.gfx} node {g.kfd_node} {g.pci or ''}".strip() for g in facts.gpus) or None
    status = Status.UNKNOWN if facts.hidden_nodes else Status.MISMATCH
    hint = "the override was for another GPU, or its number moved; plan again: rdna-installer apply"
    return Check(line, status, meant[0], now, "/sys/class/kfd", hint)
