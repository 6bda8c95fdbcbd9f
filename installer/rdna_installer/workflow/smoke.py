"""``verify --gpu``: a copy, a product, convolutions and some training steps with what is installed, against the CPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from rdna_installer.errors import RdnaError
from rdna_installer.machine.scratch import scratch_tree
from rdna_installer.machine.watch import Ending, Limits, Watched, watch
from rdna_installer.model import Check, HostFacts, PythonSite, Status
from rdna_installer.probe.reading import Reading, read
from rdna_installer.probe.trial import Spec
from rdna_installer.probe.types import Outcome, Variables
from rdna_installer.workflow import probing

OPS = ("copy", "mm f32", "conv2d 3>16 32x32", "conv2d backward", "batch norm", "cnn training")
WANTED = ", ".join(OPS)
LIMITS = Limits(total=300.0, silence=120.0)


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
        runner = probing.runner_of(site, facts.user)
        with scratch_tree(probing.child_sources(), runner) as folder:
            # native: the child itself sets nothing; the installed hook is on, and does what it does for everybody
            spec = Spec(Variables("installed"), "native", OPS)
            command = probing.command(str(site.python), str(folder / probing.CHILD), "cuda", spec)
            watched = watch(command, runner, {"HOME": str(runner.home)}, _limits(facts))
    except RdnaError as err:
        return _line(site, Status.UNKNOWN, None, f"not tried: {err.message}")
    return _judge(site, watched, read(watched.report, OPS))


def _judge(site: PythonSite, watched: Watched, reading: Reading) -> Check:
    hint = f"rdna-installer probe --python {site.python} finds what works"
    if reading.fatal is not None:
        return _line(site, Status.FAILED, reading.fatal, hint)
    bad = next((r for r in reading.results if r.outcome is not Outcome.OK), None)
    if bad is not None:
        return _line(site, Status.FAILED, f"{bad.op}: {bad.outcome.value} {bad.note}".rstrip(), hint)
    if reading.done and watched.ending is Ending.EXITED and len(reading.results) == len(OPS):
        return _line(site, Status.OK, "all equal to the CPU's", None)
    if watched.ending is Ending.UNKILLABLE:
        hint = "its process cannot be ended: reboot"
    return _line(site, Status.FAILED, f"{reading.begun or 'start'}: {watched.ending.value} {watched.code}", hint)


def _line(site: PythonSite, status: Status, running: str | None, hint: str | None) -> Check:
    return Check(f"gpu:{site.python}", status, WANTED, running, str(site.python), hint)


def _limits(facts: HostFacts) -> Limits:
    return dataclasses.replace(LIMITS, memory=probing.memory_limit(facts))
