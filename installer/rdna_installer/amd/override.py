"""HSA_OVERRIDE_GFX_VERSION: what a value of it does to the GPUs and programs of a machine. Pure.

It makes every GPU of a process (or the one of its KFD node) report another target. It is right only where a torch has
no kernels for the true target, has those for the reported one, and the chip executes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rdna_installer.amd.case import Case, Consumer, Context, Judged, describe
from rdna_installer.amd.conditions import judge_rule
from rdna_installer.gfx import OVERRIDE, OVERRIDE_KEY, name_of, parts_of, version_of
from rdna_installer.knowledge.evidence import Evidence, Strength
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.knowledge.rules import Grade, Rule, Spoof
from rdna_installer.record import record

NO_GPU = "HSA finds no GPU at all with it"
ISSUES = "https://github.com/ROCm/legacy-rocm-build/issues"
SYSTEMS = "https://github.com/ROCm/rocm-systems"
TOPOLOGY = f"{SYSTEMS}/blob/develop/projects/rocr-runtime/libhsakmt/src/topology.c"
CROSS = (
    Evidence(f"{ISSUES}/2527", "code of another family crashes or resets the GPU", "AMD", Strength.STRONG),
    Evidence(f"{SYSTEMS}/pull/5686", "ROCm of 2026 refuses it itself", "AMD", Strength.STRONG),
)
INTERNAL = (Evidence(f"{ISSUES}/5238", "for internal debugging; it hits every GPU", "AMD", Strength.STRONG),)
READER = (Evidence(TOPOLOGY, "major.minor.step in decimal, else the topology fails", None, Strength.STRONG),)
GRADES = {Grade.FORCED: Answer.RIGHT, Grade.SAFE: Answer.RIGHT, Grade.RISKY: Answer.UNKNOWN}
Spoofing = tuple[Rule, Spoof]
GRADE_ORDER = (Grade.FORCED, Grade.REFUSED, Grade.RISKY, Grade.SAFE)


@record(frozen=True)
class _Reported:
    """One GPU, seen from one program (None: whatever runs here), under an override that reports another target."""

    context: Context
    reported: str

    @property
    def program(self) -> str:
        """The program in words."""
        return self.context.python or "a program here"

    @property
    def crossing(self) -> bool:
        """Whether it is of another family: by the table; a target it does not have is told by its major version."""
        gfx, known = self.context.gpu.gfx, self.context.case.targets.targets
        if gfx in known and self.reported in known:
            return known[gfx].family.name != known[self.reported].family.name
        return gfx.removeprefix("gfx")[:-2] != self.reported.removeprefix("gfx")[:-2]

    def judged(
        self, answer: Answer, reason: str, source: str = OVERRIDE, evidence: tuple[Evidence, ...] = INTERNAL
    ) -> Judged:
        """An answer about this GPU in this program."""
        return Judged(answer, reason, source, evidence, self.context.python)


def node_of(key: str) -> int | None:
    """The KFD node of a per-node form, None for the form that hits every GPU."""
    match = re.fullmatch(OVERRIDE_KEY, key)
    return int(match[1]) if match and match[1] else None


def crosses_major(gfx: str, value: str) -> bool:
    """Whether a value reports a target of another major version."""
    reported, true = parts_of(value), version_of(gfx)
    return reported is not None and true is not None and str(reported[0]) != true.partition(".")[0]


def judge_override(case: Case, key: str, value: str, consumer: Consumer | None) -> Sequence[Judged]:
    """One answer for each GPU it hits, seen from one program (None: from any, no program is here)."""
    problem = _malformed(value)
    if problem is not None:
        return [Judged(Answer.HARMFUL, f"{problem}: {NO_GPU}", OVERRIDE, READER, malformed=True)]
    node = node_of(key)
    hit = [gpu for gpu in case.facts.gpus if node is None or gpu.kfd_node == node]
    if not hit:
        known = any(gpu.kfd_node is not None for gpu in case.facts.gpus)
        why = f"KFD node {node} is no GPU (node 0 is usually the CPU)"
        return [Judged(Answer.HARMFUL, f"{why}: nothing is overridden", OVERRIDE, INTERNAL)] if known else []
    answers = (_judge(_Reported(Context(case, gpu, consumer), name_of(value) or value)) for gpu in hit)
    return [answer for answer in answers if answer is not None]


def _malformed(value: str) -> str | None:
    if not value.strip():
        return "an empty value"
    if parts_of(value) is None:
        return f"{value!r}, which is not MAJOR.MINOR.STEP"
    return None if name_of(value) else f"{value!r}, which is no version a GPU can have"


def _judge(seen: _Reported) -> Judged | None:
    gpu = seen.context.gpu
    better = _better(seen) if seen.context.has_kernels is False and gpu in seen.context.case.gpus else None
    if seen.reported == gpu.gfx:
        why = f"it is the version of {gpu.gfx} itself, which is reported anyway"
        return _instead_of(seen, better) or seen.judged(Answer.SUPERFLUOUS, why)
    if seen.context.has_kernels:
        why = f"{seen.program} already has code for {describe(gpu)}: this line makes it load other code"
        if seen.crossing:
            why += f", and {seen.reported} is of another family, which ROCm of 2026 refuses itself"
            return seen.judged(Answer.HARMFUL, why, OVERRIDE, CROSS)
        return seen.judged(Answer.HARMFUL, why)
    # Graphics in the processor beside the card, for which no program here has kernels, are used by none of them, until
    # a value for all names them after code that crashes them.
    known = _rule(seen, seen.reported)
    crashes = seen.crossing or (known is not None and known[1].grade is Grade.REFUSED)
    used = gpu in seen.context.case.gpus or not gpu.integrated or crashes
    return _instead(seen, better, known) if used else None


def _instead(seen: _Reported, better: Spoofing | None, known: Spoofing | None) -> Judged:
    """For a GPU that has no kernels of its own, or nobody can tell. What a rule says of the value outranks families."""
    gpu = seen.context.gpu
    rule, spoof = known or (None, None)
    if rule and spoof and spoof.grade is Grade.REFUSED:
        return seen.judged(Answer.HARMFUL, rule.why, rule.id, rule.evidence)
    if rule is None and seen.crossing:
        why = f"it reports {gpu.gfx} as {seen.reported}, of another family: such code crashes or resets the GPU"
        return seen.judged(Answer.HARMFUL, why, OVERRIDE, CROSS)
    if seen.context.runs(seen.reported) is False:
        why = f"{seen.program} has kernels neither for {gpu.gfx} nor for {seen.reported}: nothing runs with it"
        return _instead_of(seen, better) or seen.judged(Answer.SUPERFLUOUS, why)
    if rule and spoof:
        return seen.judged(GRADES[spoof.grade], rule.why, rule.id, rule.evidence)
    return seen.judged(Answer.UNKNOWN, f"nothing is known about {gpu.gfx} reported as {seen.reported}")


def _instead_of(seen: _Reported, better: Spoofing | None) -> Judged | None:
    if better is None:
        return None
    rule, spoof = better
    away = f"this keeps away {spoof.value}, with which it runs on {seen.context.gpu.gfx}"
    why = f"{seen.program} has no kernels for {seen.reported}, and {away}"
    return seen.judged(Answer.HARMFUL, why, rule.id, rule.evidence)


def better_value(context: Context) -> str | None:
    """The override by which a program runs on a GPU for which it has no kernels itself."""
    better = _better(_Reported(context, context.gpu.gfx))
    return better[1].value if better else None


def _better(seen: _Reported) -> Spoofing | None:
    """The rule by which the program would run on this GPU under another value."""
    consumer = seen.context.consumer
    known = (_rule(seen, reported) for reported in sorted((consumer and consumer.kernels.names) or ()))
    return next((found for found in known if found and GRADES.get(found[1].grade) is Answer.RIGHT), None)


def _rule(seen: _Reported, reported: str) -> Spoofing | None:
    """The rule about reporting this GPU so: one about this ROCm outranks one about all, then a profile's, then caution.
    What rests on weak evidence says nothing before it is measured here (then it is ours, and right)."""
    about = (pair for pair in _proven(seen.context.case.rules) if pair[1].gfx == reported)
    fitting = (pair for pair in about if _fits(pair[0], seen.context))
    return min(fitting, key=lambda pair: (pair[0].when.rocm is None, GRADE_ORDER.index(pair[1].grade)), default=None)


def _proven(rules: Iterable[Rule]) -> Iterator[Spoofing]:
    """Those about reporting another target that do not rest on weak evidence."""
    return ((rule, rule.spoof) for rule in rules if rule.spoof and rule.strength is not Strength.WEAK)


def _fits(rule: Rule, context: Context) -> bool:
    if context.site is None:  # no program: what a rule says of the chip alone
        return context.gpu.gfx in rule.when.gfx and rule.when.rocm is None
    return judge_rule(rule, context).holds is True


def spoof_of(gfx: str, rules: Iterable[Rule]) -> Rule | None:
    """The rule by which programs without kernels for a target run on it: a safe one, else a risky one."""
    about = ((r, s) for r, s in _proven(rules) if gfx in r.when.gfx and r.when.rocm is None and not r.profile)
    known = [(GRADE_ORDER.index(spoof.grade), rule) for rule, spoof in about if spoof.grade in GRADES]
    return max(known, key=lambda pair: pair[0])[1] if known else None
