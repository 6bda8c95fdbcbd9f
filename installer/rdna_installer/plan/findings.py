"""What deciding a policy collects, and how much a rule counts."""

from __future__ import annotations

import enum

from rdna_installer.amd.case import Case, Measured
from rdna_installer.amd.conditions import Judgement
from rdna_installer.knowledge.evidence import Strength
from rdna_installer.knowledge.rules import Rule
from rdna_installer.model import Experiment, Layer, Rejected, Setting

MEASURED_RANK = 400
SET_RANK = 300
PROFILE_RANK = 200
RULE_RANK = 100


class Standing(enum.Enum):
    """What a rule whose conditions hold may do."""

    APPLIES = "applies"
    TO_MEASURE = "to-measure"
    FAILED = "failed"  # measured here, and it did not pass
    REFUTED = "refuted"


def standing(case: Case, rule: Rule, site: str | None) -> Standing:
    """What a rule may do here; a measurement outranks every other evidence."""
    found = _measured(case, rule, site)
    if found is not None:
        return Standing.APPLIES if found.passed else Standing.FAILED
    if rule.strength is Strength.REFUTED:
        return Standing.REFUTED
    return Standing.TO_MEASURE if rule.needs_measuring else Standing.APPLIES


def rank(case: Case, rule: Rule, site: str | None) -> int:
    """Precedence of what the rule sets: measured here, then the profile's rules, then rules by strength."""
    if _measured(case, rule, site) is not None:
        return MEASURED_RANK
    return (PROFILE_RANK if rule.profile else RULE_RANK) + rule.strength.rank


def _measured(case: Case, rule: Rule, site: str | None) -> Measured | None:
    return next((m for m in case.measured if m.rule == rule.id and m.site == site), None)


class Findings:
    """What deciding collects: everything wanted, refused, proposed and warned of, in order and once.

    ``routed``: whether verdicts name the ways out.
    """

    def __init__(self, *, routed: bool = True) -> None:
        self.routed = routed
        self.candidates: list[tuple[Setting, int]] = []  # the highest rank of one place wins
        self.rejected: dict[Rejected, None] = {}
        self.experiments: dict[Experiment, None] = {}
        self.warnings: dict[str, None] = {}

    def want(self, setting: Setting, rank: int) -> None:
        """Notes a setting."""
        self.candidates.append((setting, rank))

    def want_rule(self, case: Case, rule: Rule, layer: Layer, site: str | None = None) -> None:
        """Notes all a rule sets in one layer."""
        for wanted in rule.settings:
            if wanted.layer is layer:
                self.want(Setting(layer, site, wanted.key, wanted.value, rule.id), rank(case, rule, site))

    def reject(self, key: str, reason: str, rule: str | None = None, site: str | None = None) -> None:
        """Notes something not done."""
        self.rejected[Rejected(key, reason, rule, site)] = None

    def propose(self, rule: Rule, site: str | None, what: str | None = None) -> None:
        """Notes a rule to be measured first."""
        command = rule.experiment.command if rule.experiment else None
        listed = " ".join(f"{wanted.key}={wanted.value}" for wanted in rule.settings)
        summary = rule.experiment.summary if rule.experiment else what or f"{listed or rule.id}: {rule.why}"
        probe = f"rdna-installer probe --python {site}" if site else "rdna-installer probe"
        self.experiments[Experiment(rule.id, summary, command or probe, site)] = None

    def say(self, rule: Rule) -> None:
        """Notes the rule's warnings and what it refuses."""
        for text in rule.said:
            self.warnings[text] = None
        for key, reason in rule.reject:
            self.reject(key, reason, rule.id)

    def unknown(self, rule: Rule, judged: Judgement, site: str | None, layers: frozenset[Layer]) -> None:
        """Notes a rule that sets nothing because a condition could not be judged."""
        keys = [f"{wanted.key}={wanted.value}" for wanted in rule.settings if wanted.layer in layers]
        if keys:
            self.reject(", ".join(keys), f"cannot tell {' nor '.join(judged.unknown)}", rule.id, site)
