"""What a program that ships kernels of its own needs here: said, never set, for its unit is not ours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rdna_installer.amd.case import Case, Consumer, Context, describe
from rdna_installer.amd.kernels import Kernels
from rdna_installer.amd.override import better_value
from rdna_installer.detect.programs import Program
from rdna_installer.gfx import OVERRIDE
from rdna_installer.plan.gpuset import VISIBLE


def consumers(programs: Iterable[Program]) -> dict[str, Consumer]:
    """Each as the judge sees it, by its path and by the names of the images it is in."""
    found: dict[str, Consumer] = {}
    for program in programs:
        names = frozenset(name.split(":")[0] for name in program.gfx_targets)
        consumer = Consumer(Kernels(names or None, "its own files"), program=str(program.path))
        found |= dict.fromkeys([str(program.path), *program.images], consumer)
    return found


def for_programs(case: Case, programs: Iterable[Program]) -> dict[str, Mapping[str, str]]:
    """The variables with which each of them runs on the GPU decided for; no entry where it needs none, or none helps.

    The override is the global one: ollama knows no other, so beside other GPUs it is told which to see.
    """
    found: dict[str, Mapping[str, str]] = {}
    for name, consumer in consumers(programs).items():
        for gpu in case.gpus:
            context = Context(case, gpu, consumer)
            value = better_value(context) if context.has_kernels is False else None
            if value is not None:
                others = len(case.facts.gpus) > 1 and gpu.unique_id
                found[name] = {OVERRIDE: value, **({VISIBLE: f"GPU-{gpu.unique_id:016x}"} if others else {})}
    return found


def said_of(case: Case, programs: Iterable[Program]) -> Iterator[str]:
    """A sentence for each that needs something, or has no kernels that would do."""
    listed = tuple(programs)
    needs = for_programs(case, listed)
    for program in listed:
        sets = " ".join(f"{key}={value}" for key, value in needs.get(str(program.path), {}).items())
        names = {name.split(":")[0] for name in program.gfx_targets}
        if sets:
            unit = f"it needs {sets}: sudo rdna-installer apply --layer services --service ollama"
            made = f"create its containers again with --env {sets.replace(' ', ' --env ')}"
            way = unit if program.name == "ollama" else made if "container" in program.name else f"start it with {sets}"
            yield f"{program.name} ({program.path}) has kernels of its own, none for this GPU: {way}"
        elif names and not any(gpu.gfx in names for gpu in case.gpus):
            gpus = ", ".join(describe(gpu) for gpu in case.gpus)
            vulkan = "" if program.name == "Blender" else "; its Vulkan backend needs none of ROCm's"
            neither = f"has kernels neither for {gpus} nor for what it may be reported as{vulkan}"
            yield f"{program.name} ({program.path}) {neither}"
