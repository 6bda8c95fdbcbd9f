"""Is VALUE of KEY harmful, superfluous, right or unread here, and why? The answer every command gives. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rdna_installer.amd.case import Case, Consumer, Judged
from rdna_installer.amd.conditions import counting_kernel, has_parameter, judge, judge_rule
from rdna_installer.amd.override import judge_override
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.knowledge.catalogue import Entry, find
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.knowledge.rules import Rule
from rdna_installer.knowledge.when import Range
from rdna_installer.model import HostFacts, PythonSite
from rdna_installer.parameter import canonical, misspelt, number, same_value, spell, split
from rdna_installer.record import replace

# MIOpen's boolean variables (include/miopen/env.hpp). Until ROCm 6.0 in lower case and without on and off.
MIOPEN_TRUE = frozenset({"1", "yes", "true", "enable", "enabled", "on"})
MIOPEN_FALSE = frozenset({"0", "no", "false", "disable", "disabled", "off"})
VERSION = re.compile(r"(ROCm|torch) ([0-9]+(?:[.][0-9]+)*)")  # not "ROCm 4.0 or before"
BOOT = "Linux, at boot"  # the component of boot arguments, which are no module's parameters
LINUX = re.compile(r"()([0-9]+[.][0-9]+(?:[.][0-9]+)?)")
THROWS_FROM = Range(">=6.1")  # MIOpen PR 2514: any other word throws; before, it was ignored
# Of several answers the first of these is the answer; a value that is right for one program may stay.
ORDER = (Answer.HARMFUL, Answer.RIGHT, Answer.UNKNOWN, Answer.SUPERFLUOUS, Answer.UNREAD)
UNITS = {"ttm.pages_limit": 4096, "amdttm.pages_limit": 4096, "gttsize": 1 << 20}  # bytes of one
SHARE = 16  # a system left less than one part in this of its memory has to kill programs
LEFT = 2 << 30


def judge_setting(case: Case, key: str, value: str, site: PythonSite | Consumer | None = None) -> Judged:
    """A variable (upper case) or a kernel parameter (lower case)."""
    return judge_parameter(case, key, value) if key == key.lower() else judge_variable(case, key, value, site)


def judge_variable(case: Case, key: str, value: str, site: PythonSite | Consumer | None = None) -> Judged:
    """An environment variable, for one program, or (``site`` None) for every torch that is here."""
    entry = find(case.book.env, key)
    if entry is None:
        return Judged(Answer.UNKNOWN, f"nothing is known about {key}", key, mute=True)
    programs: Sequence[Consumer | None] = [case.consumer(site)] if site is not None else case.consumers or [None]
    answers = (
        replace(answer, site=program.python if program else None)
        for program in programs
        for answer in _of_program(case, entry, key, value, program)
    )
    return _worst(answers) or _nothing(entry)


def judge_parameter(case: Case, key: str, value: str) -> Judged:
    """A kernel module's parameter, in any spelling of its name."""
    key = canonical(key)
    entry = find(case.book.kernel, key)
    missing = _missing(case.facts, key, entry)
    if missing is not None:
        evidence = entry.evidence if entry else ()
        return Judged(Answer.UNREAD, missing, key, evidence)
    if entry is None:
        return Judged(Answer.UNKNOWN, f"nothing is known about {key}", key, mute=True)
    problem = entry.problem(value)
    read = number(value)
    text = str(read) if read is not None else value  # 0x0 and 00 are 0 to the kernel
    if problem is not None and entry.problem(text) is not None:
        return Judged(Answer.HARMFUL, problem, key, entry.evidence, malformed=True)
    found = [*_of_rules(case, entry.key, value, None), *_opinions(case, entry, text, None)]
    found += [answer] if (answer := judge_memory(case, entry, value)) else []
    return _worst(found) or _nothing(entry)


def _worst(answers: Iterable[Judged]) -> Judged | None:
    return min(answers, key=lambda judged: ORDER.index(judged.answer), default=None)


def _nothing(entry: Entry) -> Judged:
    why = entry.reason or f"nothing is known for or against it: {entry.summary}"
    return Judged(Answer.UNKNOWN, why, entry.key, entry.evidence, mute=True)


def _of_program(case: Case, entry: Entry, key: str, value: str, consumer: Consumer | None) -> Iterator[Judged]:
    """For one program. What is never read does no harm; what throws does, whatever rules think of it.
    An override that is none breaks every version; a per-node form is read from ROCm 6.3 on."""
    override = judge_override(case, key, value, consumer) if re.fullmatch(OVERRIDE_KEY, key) else None
    unread = unread_by(entry, key, consumer)
    if unread is not None and not any(judged.malformed for judged in override or ()):
        yield Judged(Answer.UNREAD, unread, entry.key, entry.evidence)
        return
    text = value if override is not None else normal(entry, value)
    own = case.own(key, text, consumer.python if consumer else None)
    ours = [Judged(Answer.RIGHT, f"it is what {own.rule} sets here", own.rule)] if own else []
    if override is not None:
        yield from (*ours, *override)
    elif (refused := _refused(entry, value, text, consumer)) is not None:
        yield refused
    else:
        known = (*ours, *_of_rules(case, key, text, consumer), *_opinions(case, entry, text, consumer))
        yield _worst(known) or _nothing(entry)


def normal(entry: Entry, value: str) -> str:
    """The value as the catalogue spells it: MIOpen takes "disabled" for 0; words of other lists in upper case."""
    if is_switch(entry) and entry.component == "MIOpen":
        return miopen_switch(value) or value
    return value.upper() if entry.values.ignore_case else value


def miopen_switch(value: str) -> str | None:
    """ "0" or "1" for a word that MIOpen takes for a boolean variable, None for any other (at which it throws)."""
    folded = value.strip().lower()
    if folded in MIOPEN_TRUE:
        return "1"
    return "0" if folded in MIOPEN_FALSE else None


def is_switch(entry: Entry) -> bool:
    """Whether it is on or off and nothing else."""
    return set(entry.values.words) == {"0", "1"}


def same_setting(book: Book, key: str, left: str, right: str) -> bool:
    """Whether two spellings of a variable's or a parameter's value are one."""
    if key == key.lower():
        return same_value(left, right)
    entry = find(book.env, key) if left != right else None
    return left == right or (entry is not None and normal(entry, left) == normal(entry, right))


def _refused(entry: Entry, value: str, text: str, consumer: Consumer | None) -> Judged | None:
    """A word that what reads it does not take."""
    problem = entry.problem(text)
    if problem is None:
        return None
    rocm = consumer.torch.rocm if consumer and consumer.torch else None
    if is_switch(entry) and entry.component == "MIOpen" and rocm and THROWS_FROM.contains(rocm) is False:
        why = f"{entry.key}={value}: MIOpen before ROCm 6.1 takes no such word and ignores it"
        return Judged(Answer.UNREAD, why, entry.key, entry.evidence)
    answer = Answer.HARMFUL if entry.consequence else Answer.UNKNOWN
    return Judged(answer, problem, entry.key, entry.evidence, malformed=True)


def unread_by(entry: Entry, key: str, consumer: Consumer | None) -> str | None:
    """Why nothing of a program reads a variable: the strings of its libraries decide, else the versions it is in."""
    torch = consumer.torch if consumer else None
    reads = torch.reads.get(key) if torch is not None else None
    if reads is not None and consumer is not None:
        return None if reads else f"the {entry.component} of {consumer.python} does not read {key}"
    if (entry.since or "").startswith("no "):
        return f"in {entry.since}: nothing reads {key}"
    if torch is None or consumer is None:
        return None
    versions = {"ROCm": torch.rocm, "torch": torch.version}
    if outside := _outside(entry, VERSION, versions):
        what, bound, early = outside
        when = f"from {what} {bound} on" if early else f"until {what} {bound}"
        return f"{key} is read {when}; {consumer.python} has {versions[what]}, which ignores it"
    return None


def _outside(entry: Entry, shape: re.Pattern[str], versions: Mapping[str, str | None]) -> tuple[str, str, bool] | None:
    """The bound of an entry, what it is of, and whether it is the lower one, where a version is certainly beyond it."""
    for text, low in ((entry.since, True), (entry.until, False)):
        match = shape.fullmatch(text or "")
        version = versions[match[1]] if match else None
        if match and version and Range(f"{'>=' if low else '<'}{match[2]}").contains(version) is False:
            return match[1], match[2], low
    return None


def _of_rules(case: Case, key: str, value: str, consumer: Consumer | None) -> Iterator[Judged]:
    """Right is what a rule that stands sets for every GPU decided for; another value keeps it away."""
    for rule in case.rules:
        wanted = next((w.value for w in rule.settings if w.key == key), None)
        if wanted is None or not _stands(case, rule, consumer):
            continue
        right = same_value(wanted, value)
        why = rule.why if right else f"it keeps away {key}={wanted}. {rule.why}"
        yield Judged(Answer.RIGHT if right else Answer.HARMFUL, why, rule.id, rule.evidence)


def _stands(case: Case, rule: Rule, consumer: Consumer | None) -> bool:
    if rule.needs_measuring or (rule.profile is not None and rule.profile != case.request.profile):
        return False
    answers = [judge_rule(rule, context).holds for context in case.contexts(consumer)]
    return bool(answers) and all(answers)


def _opinions(case: Case, entry: Entry, value: str, consumer: Consumer | None) -> Iterator[Judged]:
    for opinion in filter(lambda known: known.about(value), entry.judged):
        if any(judge(opinion.when, context).holds is True for context in case.contexts(consumer)):
            yield Judged(opinion.answer, opinion.says, entry.key, opinion.evidence)


def _missing(facts: HostFacts, key: str, entry: Entry | None) -> str | None:
    """Why no kernel here has a parameter: what modinfo says, else the versions it is in."""
    if entry is not None and entry.component == BOOT:
        return None
    module, name = split(key)
    if misspelt(module):
        return f"no module is called {module} (amdgpu is meant): nobody reads it"
    kernel = counting_kernel(facts)
    there = has_parameter(facts, key)
    if there is not None and kernel is not None:
        return None if there else f"{module} of kernel {kernel.release} has no parameter {name!r}: it is ignored"
    if entry is not None and (entry.since or "").startswith("no "):
        return f"no kernel has {spell(module, name)}: it is logged and ignored"
    release = facts.running_kernel or (kernel.release if kernel else None)
    if entry is not None and (outside := _outside(entry, LINUX, {"": release})):
        when = f"there from Linux {outside[1]} on" if outside[2] else f"gone since Linux {outside[1]}"
        return f"{entry.key} is {when}; this is {release}"
    return None


def judge_memory(case: Case, entry: Entry, value: str) -> Judged | None:
    """Harmful where too little is left for the system; None where the parameter is about something else, or fits."""
    unit, read, ram = UNITS.get(entry.key), number(value), case.facts.ram_bytes
    if unit is None or read is None or read < 0 or ram is None:
        return None
    given = read * unit
    needed = max(LEFT, ram // SHARE)
    if ram - given >= needed:
        return None
    left = max(ram - given, 0) >> 30
    why = f"it lets the GPU map {given >> 30} GiB of the {ram >> 30} here, which leaves the system {left}"
    if entry.key == "gttsize":
        why += "; it is superfluous too, being the same limit as ttm.pages_limit by its old name"
    return Judged(Answer.HARMFUL, why, entry.key, entry.evidence)
