"""Kernel options of somebody else, each judged; and what we set for a library that does not read it (any more)."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.amd.values import same_value
from rdna_installer.check.wanted import Ask, InForce, told
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.model import Check, Generation, HostFacts, Layer, Status
from rdna_installer.parameter import spell, split
from rdna_installer.plan.assignment import IN_LIBRARIES, kernel_options


def check_others(facts: HostFacts, generation: Generation | None, ask: Ask) -> Iterator[Check]:
    """One line for each. What we want as well has its own line (``kernel:…``)."""
    settings = generation.settings if generation else ()
    ours = {split(s.key): s.value for s in settings if s.layer is Layer.KERNEL}
    for item in kernel_options(facts):
        wanted = ours.get(split(item.key))
        if wanted is not None and same_value(wanted, item.value):
            continue
        judged = ask(spell(*split(item.key)), item.value)
        hint = f"remove it: {judged.said}" if judged.harmful else told(judged)
        line = f"others:{item.source}:{item.key}"
        running = f"{item.key}={item.value}"
        yield Check(line, Status.MISMATCH if judged.harmful else Status.OK, None, running, item.source, hint)


def check_unread(wanted: InForce, ask: Ask) -> Iterator[Check]:
    """One line for each variable of ours that no library here reads: another version came, or it was asked for."""
    for site, variables in wanted.sites.items():
        for key, value in variables.items():
            judged = ask(key, value) if key.startswith(IN_LIBRARIES) else None
            if judged is not None and judged.answer is Answer.UNREAD:
                yield Check(f"unread:{site}:{key}", Status.OK, None, f"{key}={value}", site, told(judged))
