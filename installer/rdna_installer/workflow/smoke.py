"""``verify --gpu``: a copy, a product, convolutions and some training steps with what is installed, against the CPU."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How, Limits
from rdna_installer.machine.runner import runner_of
from rdna_installer.model import Check, HostFacts, PythonSite, Status
from rdna_installer.probe.reading import Reading, read
from rdna_installer.probe.trial import Spec
from rdna_installer.probe.types import OpOutcome, Variables
from rdna_installer.record import replace
from rdna_installer.workflow import probing

OPS = ("copy", "mm f32", "conv2d 3>16 32x32", "conv2d backward", "batch norm", "cnn training")
WANTED = ", ".join(OPS)
LIMITS = Limits(total=300.0, silence=120.0, output=4 << 20)


def smoke_test(facts: HostFacts) -> Iterator[Check]:
    """One line for each Python with a ROCm build of torch. Touches the GPU, in a child that may die."""
    sites = [site for site in facts.sites if site.torch is not None and site.torch.for_rocm]
    if not sites or not facts.gpus or not facts.live:
        why = "no GPU" if not facts.gpus else "no ROCm build of torch" if not sites else "not the running system"
        yield Check("gpu", Status.NOT_APPLICABLE, WANTED, hint=f"nothing to try: {why}")
        return
    for site in sites:
        yield _try(site, facts)


def _try(site: PythonSite, facts: HostFacts) -> Check:
    try:
        probing.require_own(site, facts.user)
        with runner_of(site, facts.user, probing.child_sources(), gpu=True) as runner:
            if (closed := runner.closed(site)) is not None:
                return _line(site, Status.UNKNOWN, None, f"not tried: {closed} is closed to {runner.name}")
            # native: the child itself sets nothing; the installed hook is on, and does what it does for everybody
            spec = Spec(Variables("installed"), "native", OPS)
            command = probing.command(str(site.python), f"{runner.files}/{probing.CHILD}", "cuda", spec)
            ended = runner.run(command, {}, _limits(facts))
    except (RdnaError, OSError) as err:
        return _line(site, Status.UNKNOWN, None, f"not tried: {err}")
    return _judge(site, ended, read(ended.report, OPS))


def _judge(site: PythonSite, ended: Ended, reading: Reading) -> Check:
    hint = f"rdna-installer probe --python {site.python} finds what works"
    if reading.fatal is not None:
        return _line(site, Status.FAILED, reading.fatal, hint)
    bad = next((r for r in reading.results if r.outcome is not OpOutcome.OK), None)
    if bad is not None:
        return _line(site, Status.FAILED, f"{bad.op}: {bad.outcome.value} {bad.note}".rstrip(), hint)
    if reading.done and ended.how is How.ENDED and len(reading.results) == len(OPS):
        return _line(site, Status.OK, "all equal to the CPU's", None)
    if ended.how is How.UNKILLABLE:
        hint = "its process cannot be ended: reboot"
    return _line(site, Status.FAILED, f"{reading.begun or 'start'}: {_end(ended)}", hint)


def _end(ended: Ended) -> str:
    return ended.how.value if ended.code is None else f"{ended.how.value} {ended.code}"


def _line(site: PythonSite, status: Status, running: str | None, hint: str | None) -> Check:
    return Check(f"gpu:{site.python}", status, WANTED, running, str(site.python), hint)


def _limits(facts: HostFacts) -> Limits:
    return replace(LIMITS, memory=probing.memory_limit(facts))
