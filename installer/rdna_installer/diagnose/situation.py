"""What is true of one finding on this machine: the facts advice depends on, and the words it fills in."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.amd.kernels import kernels_of
from rdna_installer.gfx import OVERRIDE, name_of
from rdna_installer.knowledge.signatures import Fact, Remedy
from rdna_installer.knowledge.targets import Targets
from rdna_installer.model import Gpu, HostFacts, Policy, Setting
from rdna_installer.record import record

GROUPS = frozenset({"render", "video"})


@record(frozen=True)
class Machine:
    """This machine: its facts, the policy (None without a GPU), the override in this process's environment.

    ``others``: what is to be said of values others have set here, a line each.
    """

    facts: HostFacts
    policy: Policy | None
    override: str | None
    targets: Targets
    others: tuple[str, ...] = ()


@record(frozen=True)
class Situation:
    """The facts that hold, and the value of each place in advice."""

    holds: frozenset[Fact]
    gfx: str | None
    kernel: str | None
    values: dict[str, str]

    def advice(self, items: Iterable[Remedy]) -> tuple[str, ...]:
        """The sentences that fit, filled in."""
        return tuple(dict.fromkeys(item.says.format(**self.values) for item in items if self.fits(item)))

    def fits(self, item: Remedy) -> bool:
        """Whether a sentence is for this situation."""
        if not item.when <= self.holds or (item.gfx and self.gfx not in item.gfx):
            return False
        return item.kernel is None or (self.kernel is not None and bool(item.kernel.contains(self.kernel)))


def situation(machine: Machine, named: str | None) -> Situation:
    """The situation of a finding about ``named``, the target in the log (None: it names none)."""
    gpu = _gpu(machine, named)
    gfx = gpu.gfx if gpu else named
    proposed = _proposed(machine.policy)
    holds = {*_group_facts(machine), *_gpu_facts(machine, gpu, named), *_kernel_facts(machine, gfx, proposed)}
    values = {
        "user": machine.facts.user.name,
        "gfx": gfx or "this GPU's target",
        "override": f"{proposed.key}={proposed.value}" if proposed else OVERRIDE,
        "python": (proposed.site if proposed else _native_site(machine, gfx)) or "this machine",
        "set": machine.override or "",
    }
    return Situation(frozenset(holds), gfx, machine.facts.running_kernel, values)


def _gpu(machine: Machine, named: str | None) -> Gpu | None:
    """The GPU of this machine that the log is about. Under an override a log names what is reported."""
    gpus = sorted(machine.facts.gpus, key=lambda gpu: gpu.integrated)
    reported = named is not None and machine.override is not None and name_of(machine.override) == named
    if named is None or reported:
        return gpus[0] if gpus else None
    return next((gpu for gpu in gpus if gpu.gfx == named), None)


def _group_facts(machine: Machine) -> Iterable[Fact]:
    user = machine.facts.user
    if user.uid != 0 and not user.groups & GROUPS:
        yield Fact.NOT_IN_GROUP
    elif user.session_groups is not None and user.uid != 0 and not user.session_groups & GROUPS:
        yield Fact.STALE_SESSION
    else:
        yield Fact.IN_GROUP


def _gpu_facts(machine: Machine, gpu: Gpu | None, named: str | None) -> Iterable[Fact]:
    if not machine.facts.gpus:
        yield Fact.NO_GPU
    if len(machine.facts.gpus) > 1:
        yield Fact.SEVERAL_GPUS
    yield Fact.SAME_GPU if gpu else Fact.OTHER_GPU if named else Fact.UNKNOWN_GPU
    if machine.override is not None:
        yield Fact.OVERRIDE_SET


def _kernel_facts(machine: Machine, gfx: str | None, proposed: Setting | None) -> Iterable[Fact]:
    yield Fact.OVERRIDE_PROPOSED if proposed else Fact.NO_OVERRIDE
    yield Fact.NATIVE if _native_site(machine, gfx) else Fact.NO_NATIVE


def _native_site(machine: Machine, gfx: str | None) -> str | None:
    """The first Python whose torch has kernels for the target."""
    if gfx is None:
        return None
    for site in machine.facts.sites:
        if kernels_of(site, machine.facts, machine.targets).run_on(gfx, machine.targets):
            return str(site.python)
    return None


def _proposed(policy: Policy | None) -> Setting | None:
    settings = policy.settings if policy else ()
    return next((setting for setting in settings if setting.key.startswith(OVERRIDE)), None)
