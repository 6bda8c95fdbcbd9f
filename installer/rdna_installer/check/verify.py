"""``verify``: every family of checks, one report. Reads only; what root found is left in /run by check/kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from rdna_installer.check.device import check_device
from rdna_installer.check.files import check_files
from rdna_installer.check.kernel import check_images, check_kernel
from rdna_installer.check.others import check_environment, check_others, check_session, check_unread, check_userenv
from rdna_installer.check.versions import check_versions
from rdna_installer.check.wanted import Ask, InForce, wanted_of
from rdna_installer.detect.dotfiles import Scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Report, Status, User
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.rules import Rule


@record(frozen=True)
class SetByOthers:
    """What others have set: the start-up files that count, the caller's environment, and who judges a value."""

    files: Scan
    environ: Mapping[str, str]
    ask: Ask
    faults: Callable[[], Iterable[Rule]] = tuple  # what is known to be wrong with this kernel


def verify(facts: HostFacts, generation: Generation | None, root: Sysroot, user: User, seen: SetByOthers) -> Report:
    """Check what is really in force."""
    wanted, found = wanted_of(generation), seen.files
    checks = (
        *_of_generation(facts, generation, root),
        *_of_user(facts, wanted, seen, root, user),
        *check_session(seen.environ if facts.live else {}, wanted, found, seen.ask),
        *check_others(facts, generation, seen.ask),
        *check_unread(wanted, seen.ask),
        *_of_the_system(facts, seen),
        *check_versions(facts, generation, wanted),
        *_of_programs(facts, wanted, root),
    )
    pending = any(c.status is Status.PENDING_REBOOT for c in checks)
    return Report(checks, pending, generation.number if generation else None)


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
        hint = "nothing of ours is applied: `rdna-installer plan` shows what would be"
        yield Check("generation", Status.NOT_APPLICABLE, hint=hint)
        return
    for step in generation.pending:
        hint = "the last change was not activated: `sudo rdna-installer recover` finishes it"
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
