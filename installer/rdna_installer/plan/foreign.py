"""Variables and kernel options that somebody else sets, each judged: what stops a plan, and what is worth saying. Pure.

A value of theirs wins over ours (the hook never replaces what is set, the kernel takes the last of two), so one that
harms what is planned is a conflict; what is useless, unread or harms something else is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rdna_installer.amd.case import Case, Judged
from rdna_installer.amd.judge import judge_setting, same_setting
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.model import Conflict, Layer, Policy, Setting, Verdict
from rdna_installer.plan.conflicts import Foreign, Others
from rdna_installer.record import record

WORDS = {
    Answer.HARMFUL: "harmful here", Answer.UNREAD: "not read", Answer.SUPERFLUOUS: "superfluous",
    Answer.UNKNOWN: "unproven here", Answer.RIGHT: "right",
}  # fmt: skip


@record(frozen=True)
class Found:
    """One assignment with its answer."""

    item: Foreign
    judged: Judged

    @property
    def line(self) -> str:
        """The answer in one line, for any command."""
        item, judged = self.item, self.judged
        return f"{item.source}{item.note} sets {item.key}={item.value}, which is {WORDS[judged.answer]}: {judged.said}"


def judge_all(items: Iterable[Foreign], case: Case) -> tuple[Found, ...]:
    """The answers for all whose value is there to be read (``$X`` only its shell knows; a list may begin with it)."""
    plain = dict.fromkeys(i for i in items if not {"$", "`"} & set(i.value) or i.key == "LD_LIBRARY_PATH")
    sites = {str(site.python): site for site in case.facts.sites}
    whose = ((item, item.program or sites.get(item.site or "")) for item in plain)
    return tuple(Found(item, judge_setting(case, item.key, item.value, program)) for item, program in whose)


def find_others(found: Iterable[Found], book: Book, policy: Policy, *, stops: bool = True) -> Others:
    """What stops the plan (not ``stops``: nothing, for it changes kernel options only), and what is said beside it."""
    conflicts: dict[Conflict, None] = {}
    warnings: dict[str, None] = {}
    for each in found:
        conflict = _conflict(each, book, policy)
        if conflict is not None and each.item.lasting and stops:
            conflicts[conflict] = None
        elif conflict is not None:
            warnings.update(dict.fromkeys(Others((conflict,), ()).lines))
        elif each.judged.worth_saying:
            warnings[_note(each)] = None
    return Others(tuple(conflicts), tuple(warnings))


def _note(found: Found) -> str:
    item, judged = found.item, found.judged
    if judged.malformed and re.fullmatch(OVERRIDE_KEY, item.key):
        return f"{item.source}{item.note} sets {item.key} to {judged.reason}; remove it there"
    if judged.answer is Answer.HARMFUL:
        said = f"{item.source}{item.note} sets {item.key}={item.value}. That is not recommended: {judged.said}"
        return f"{said}; remove it there"
    return found.line


def _conflict(found: Found, book: Book, policy: Policy) -> Conflict | None:
    """A value that harms a program which could run, or wins over another one of ours."""
    item, judged = found.item, found.judged
    if judged.malformed:
        return None
    harms = judged.answer is Answer.HARMFUL and re.fullmatch(OVERRIDE_KEY, item.key) and _could_run(judged, policy)
    ours = _against_ours(item, book, policy)
    if not harms and ours is None:
        return None
    reasons = [f"Remove it there{item.note}: {judged.said}"] if harms else []
    if ours is not None:
        where = f" in {ours.site}" if ours.site else ""
        keep = f"remove it there, or keep it with --unset {item.key}"
        reasons.append(f"{item.source}{item.note} overrides this setting{where}: {keep}")
    return Conflict(item.key, ours.value if ours else None, item.value, item.source, "; ".join(reasons))


def _against_ours(item: Foreign, book: Book, policy: Policy) -> Setting | None:
    """Our other value of a variable. Kernel options have plan/conflicts.py."""
    for setting in policy.settings:
        elsewhere = item.site is not None and setting.site not in (None, item.site)
        if setting.layer in (Layer.ENV, Layer.PYTHON) and setting.key == item.key and not elsewhere:
            return None if same_setting(book, item.key, setting.value, item.value) else setting
    return None


def _could_run(judged: Judged, policy: Policy) -> bool:
    sites = [s for s in policy.sites if s.site is not None and judged.site in (None, s.site)]
    return any(s.verdict is not Verdict.UNUSABLE for s in sites)
