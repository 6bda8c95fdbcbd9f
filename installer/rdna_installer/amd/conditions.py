"""Judge a rule's conditions on this machine: they hold, do not, or nobody can tell (then the rule sets nothing)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rdna_installer.amd.case import Context, case_of, main_gpus
from rdna_installer.model import Gpu, HostFacts, KernelImage, Use
from rdna_installer.parameter import split
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.load import Book
    from rdna_installer.knowledge.rules import Rule
    from rdna_installer.knowledge.when import Range, When

Answer = tuple[bool | None, str]  # whether one condition holds, and what was asked (for None)


@record(frozen=True)
class Judgement:
    """``holds`` None: unknown, because of ``unknown``."""

    holds: bool | None
    unknown: tuple[str, ...] = ()


def judge(when: When, context: Context) -> Judgement:
    """Whether all conditions hold. One that does not hold outweighs any number of unknown ones."""
    return _together(_answers(when, context))


def judge_rule(rule: Rule, context: Context) -> Judgement:
    """Like ``judge``, with the versions from which the rule is dropped."""
    over = ((_version(component, bound, context), component, bound) for component, bound in rule.until.items())
    kept = ((None if gone is None else not gone, f"whether {name} is {bound.text}") for gone, name, bound in over)
    return _together(itertools.chain(_answers(rule.when, context), kept))


def _together(answers: Iterable[Answer]) -> Judgement:
    unknown = []
    for holds, what in answers:
        if holds is False:
            return Judgement(False)
        if holds is None:
            unknown.append(what)
    return Judgement(None if unknown else True, tuple(unknown))


def known_faults(facts: HostFacts, book: Book, gpus: Sequence[Gpu] | None = None) -> Iterator[Rule]:
    """The rules that warn of this kernel and firmware, each once. ``gpus``: those asked for, else a plan's."""
    contexts = [Context(case_of(facts, book), gpu) for gpu in (main_gpus(facts.gpus) if gpus is None else gpus)]
    for rule in book.rules:
        if rule.about_kernel and any(judge_rule(rule, context).holds for context in contexts):
            yield rule


def _answers(when: When, context: Context) -> Iterator[Answer]:
    # The target first: it decides most rules, and versions are then never parsed.
    if when.gfx:
        yield context.gpu.gfx in when.gfx, "the target"
    if when.about_torch and context.consumer is None:
        yield False, "torch"
    yield from _machine(when, context)
    yield from _features(when, context)
    yield from _software(when, context)


def _machine(when: When, context: Context) -> Iterator[Answer]:
    facts, gpu = context.case.facts, context.gpu
    if when.integrated is not None:
        yield gpu.integrated is when.integrated, "integrated"
    if when.igpu_beside is not None:
        beside = any(other.integrated for other in facts.gpus if other is not gpu)
        yield beside is when.igpu_beside, "a GPU beside"
    if when.several_gpus is not None:
        yield (len(facts.gpus) > 1) is when.several_gpus, "the number of GPUs"
    if when.ram_gib is not None:
        there = None if facts.ram_bytes is None else when.ram_gib.contains(str(facts.ram_bytes >> 30))
        yield there, f"whether the memory in GiB is {when.ram_gib.text}"
    if when.use is not None:
        yield context.case.request.use in (when.use, Use.BOTH), "the use"


def _features(when: When, context: Context) -> Iterator[Answer]:
    """What is really there, whatever the versions say."""
    seen = context.gpu.properties
    for name in when.kfd:
        yield (None if seen is None else name in seen), f"whether the KFD shows {name}"
    for name in when.no_kfd:
        yield (None if seen is None else name not in seen), f"whether the KFD shows {name}"
    for key in when.parameter:
        yield has_parameter(context.case.facts, key), f"whether the kernel has {key}"
    torch = context.site.torch if context.site else None
    for name in when.reads:
        yield (torch.reads.get(name) if torch else None), f"whether the installed library reads {name}"
    if when.mes is not None:
        version = context.gpu.mes
        yield (None if version is None else when.mes.contains(f"{version}.0")), f"whether MES is {when.mes.text}"


def has_parameter(facts: HostFacts, key: str) -> bool | None:
    """Whether the kernel that counts has a module parameter; None where modinfo was not asked."""
    module, name = split(key)
    kernel = counting_kernel(facts)
    if kernel is None or kernel.parameters is None or module not in kernel.parameters:
        return None
    return name in kernel.parameters[module]


def counting_kernel(facts: HostFacts) -> KernelImage | None:
    """The running kernel, or where none is running the newest with amdgpu (they are in the order of their versions)."""
    able = [kernel for kernel in facts.kernels if kernel.amdgpu != "absent"]
    return next((k for k in able if k.release == facts.running_kernel), able[-1] if able else None)


def _software(when: When, context: Context) -> Iterator[Answer]:
    torch = context.site.torch if context.site else None
    if when.origin:
        yield torch is not None and torch.origin in when.origin, "the origin of torch"
    if when.has_kernels is not None:
        native = context.has_kernels
        yield (None if native is None else native is when.has_kernels), "whether torch has kernels for this GPU"
    for component, wanted in (("torch", when.torch), ("rocm", when.rocm), ("kernel", when.kernel)):
        if wanted is not None:
            yield _version(component, wanted, context), f"whether {component} is {wanted.text}"


def _version(component: str, wanted: Range, context: Context) -> bool | None:
    """Whether all versions are inside (True) or all outside (False); None when none is known or they differ."""
    answers = {wanted.contains(version) for version in _versions(component, context)}
    return answers.pop() if len(answers) == 1 else None


def _versions(component: str, context: Context) -> tuple[str, ...]:
    facts = context.case.facts
    if component == "kernel":
        release = facts.running_kernel
        return (release,) if release else tuple(kernel.release for kernel in facts.kernels)
    if context.site is not None:
        torch = context.site.torch
        version = (torch.rocm if component == "rocm" else torch.version) if torch else None
        return (version,) if version else ()
    torches = tuple(site.torch for site in facts.sites if site.torch and site.torch.rocm)
    if component == "torch":
        return tuple(torch.version for torch in torches)
    bundled = tuple(torch.rocm for torch in torches if torch.rocm)
    return bundled or tuple(install.version for install in facts.rocm)
