"""What is known to be wrong with the kernel and the firmware here, whatever torch is there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rdna_installer.amd.case import Case
from rdna_installer.amd.conditions import judge_rule
from rdna_installer.amd.gpu import main_gpus
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.rules import Rule
from rdna_installer.model import Gpu, HostFacts, Request


def known_faults(facts: HostFacts, book: Book, gpus: Sequence[Gpu] | None = None) -> Iterator[Rule]:
    """The rules that warn of this kernel, each once. ``gpus``: those asked for, else those a plan would be for."""
    chosen = main_gpus(facts.gpus) if gpus is None else gpus
    case = Case(facts, book, Request(), tuple(chosen))
    contexts = tuple(case.contexts(None))
    for rule in book.rules:
        if rule.about_kernel and any(judge_rule(rule, context).holds for context in contexts):
            yield rule
