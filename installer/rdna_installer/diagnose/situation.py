"""What is true of one finding on the log's machine: the facts advice depends on, and the words it fills in."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rdna_installer.amd.kernels import kernels_of
from rdna_installer.amd.override import spoof_of
from rdna_installer.diagnose.finding import Scanned
from rdna_installer.errors import RdnaError
from rdna_installer.gfx import OVERRIDE, name_of, version_of
from rdna_installer.knowledge.rules import Rule
from rdna_installer.knowledge.signatures import Fact, Kind, Remedy
from rdna_installer.knowledge.targets import Targets
from rdna_installer.knowledge.when import Range
from rdna_installer.model import Gpu, HostFacts, Policy, Setting
from rdna_installer.record import record

GROUPS = frozenset({"render", "video"})
NOT_LINUX = frozenset({"windows", "freebsd", "macos"})


@record(frozen=True)
class Machine:
    """The machine advice is for: its facts, the policy (None without a GPU), the override in force.

    ``others``: what is to be said of values others have set here, a line each. ``elsewhere``: the log is of another
    machine, of which the facts are what the log says. ``wheel`` says how to get a torch with kernels for a target.
    """

    facts: HostFacts
    policy: Policy | None
    override: str | None
    targets: Targets
    others: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    elsewhere: bool = False
    wheel: Callable[[str], str | None] = lambda _: None


@record(frozen=True)
class Situation:
    """The facts that hold, the versions of the log, and the value of each place in advice."""

    holds: frozenset[str]
    gfx: str | None
    kernel: str | None
    rocm: str | None
    values: dict[str, str]

    def advice(self, items: Iterable[Remedy]) -> tuple[tuple[Remedy, ...], Callable[[str], str]]:
        """The items that fit, and what fills in their texts."""
        return tuple(item for item in items if self.fits(item)), lambda text: text.format(**self.values)

    def fits(self, item: Remedy) -> bool:
        """Whether a sentence is for this situation."""
        if not item.when <= self.holds or item.unless & self.holds or (item.gfx and self.gfx not in item.gfx):
            return False
        return _inside(item.kernel, self.kernel) and _inside(item.rocm, self.rocm)


def _inside(wanted: Range | None, version: str | None) -> bool:
    return wanted is None or (version is not None and bool(wanted.contains(version)))


def gfx_of(seen: Scanned) -> str | None:
    """The target of the log's machine: named, or by the card's name or its PCI id."""
    for sighting in sorted(seen.all(Kind.GFX), key=lambda s: (s.context.rank, s.line)):
        name = sighting.value or sighting.context.says
        if version_of(name):
            return name
        from rdna_installer.detect import targets

        device = targets.lookup(name.lower())
        try:
            return device.gfx if device else targets.checked(name)
        except RdnaError:
            continue
    return None


def is_elsewhere(seen: Scanned, facts: HostFacts, override: str | None) -> bool:
    """Whether a log is of another machine: another system, or a GPU that is not in this one."""
    platform, gfx = seen.best(Kind.PLATFORM), gfx_of(seen)
    if platform and platform.context.id in NOT_LINUX:
        return True
    if not facts.gpus:
        return bool(seen.all(Kind.GFX)) or "amdgpu-device" in seen.words
    reported = override is not None and gfx == name_of(override)
    return gfx is not None and not reported and all(gpu.gfx != gfx for gpu in facts.gpus)


def situation(machine: Machine, named: str | None, seen: Scanned) -> Situation:
    """The situation of a finding about ``named``, the target in the log (None: it names none)."""
    gpu = _gpu(machine, named)
    gfx = gpu.gfx if gpu else named
    proposed = _proposed(machine.policy)
    rule, wheel = (spoof_of(gfx, machine.rules), machine.wheel(gfx)) if gfx else (None, None)
    torch = (program := seen.best(Kind.PROGRAM)) and "pytorch" in program.context.groups  # pip is beside it
    native = _native_site(machine, gfx)
    kernel, rocm = seen.best(Kind.KERNEL), seen.best(Kind.ROCM)
    facts = {_membership(machine), *_gpu_facts(machine, gpu, named)}
    facts |= {Fact.OVERRIDE_PROPOSED if proposed else Fact.NO_OVERRIDE, Fact.NATIVE if native else Fact.NO_NATIVE}
    facts |= {fact for fact, holds in ((Fact.SPOOF, rule), (Fact.WHEEL, wheel)) if holds}
    values = {
        "user": "$USER" if machine.elsewhere else machine.facts.user.name,
        "gfx": gfx or "this GPU's target",
        "override": f"{proposed.key}={proposed.value}" if proposed else OVERRIDE,
        "python": (proposed.site if proposed else native) or "this machine",
        "set": machine.override or "",
        "spoof": f"{OVERRIDE}={rule.spoof.value}" if rule and rule.spoof else OVERRIDE,
        "wheel": wheel or "rdna-installer advise",
    }
    running = None if machine.elsewhere else machine.facts.running_kernel
    return Situation(
        holds=frozenset(fact.value for fact in facts) | (seen.words - {"not-torch"} if torch else seen.words),
        gfx=gfx,
        kernel=(kernel.value if kernel else None) or running,
        rocm=rocm.value if rocm else None,
        values=values,
    )


def _gpu(machine: Machine, named: str | None) -> Gpu | None:
    """The GPU of this machine that the log is about. Under an override a log names what is reported."""
    gpus = sorted(machine.facts.gpus, key=lambda gpu: gpu.integrated)
    reported = named is not None and machine.override is not None and name_of(machine.override) == named
    if named is None or reported:
        return gpus[0] if gpus else None
    return next((gpu for gpu in gpus if gpu.gfx == named), None)


def _membership(machine: Machine) -> Fact:
    user = machine.facts.user
    if machine.elsewhere:
        return Fact.ANOTHER_MACHINE
    if user.uid != 0 and not user.groups & GROUPS:
        return Fact.NOT_IN_GROUP
    stale = user.session_groups is not None and user.uid != 0 and not user.session_groups & GROUPS
    return Fact.STALE_SESSION if stale else Fact.IN_GROUP


def _gpu_facts(machine: Machine, gpu: Gpu | None, named: str | None) -> Iterable[Fact]:
    if not machine.facts.gpus and not machine.elsewhere:
        yield Fact.NO_GPU
    if len(machine.facts.gpus) > 1:
        yield Fact.SEVERAL_GPUS
    mine = gpu is not None and not machine.elsewhere
    yield Fact.SAME_GPU if mine else Fact.OTHER_GPU if named else Fact.UNKNOWN_GPU
    if machine.override is not None:
        yield Fact.OVERRIDE_SET
        if any(OVERRIDE in text for text in machine.others if text.startswith(("~", "/"))):
            yield Fact.OVERRIDE_WRONG


def _native_site(machine: Machine, gfx: str | None) -> str | None:
    kernels = ((site, kernels_of(site, machine.facts, machine.targets)) for site in machine.facts.sites if gfx)
    return next((str(site.python) for site, inside in kernels if inside.run_on(gfx or "", machine.targets)), None)


def _proposed(policy: Policy | None) -> Setting | None:
    settings = policy.settings if policy else ()
    return next((setting for setting in settings if setting.key.startswith(OVERRIDE)), None)
