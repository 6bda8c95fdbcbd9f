"""What a policy is decided from, and what deciding collects on the way."""

from __future__ import annotations

import enum

from rdna_installer.amd.conditions import Context, Judgement
from rdna_installer.amd.kernels import Kernels
from rdna_installer.knowledge.evidence import Strength
from rdna_installer.knowledge.rules import Rule
from rdna_installer.knowledge.targets import Targets
from rdna_installer.model import Experiment, Gpu, HostFacts, Layer, PythonSite, Rejected, Request, Setting
from rdna_installer.record import record

MEASURED_RANK = 400
SET_RANK = 300
PROFILE_RANK = 200
RULE_RANK = 100


@record(frozen=True)
class Measured:
    """What a probe of this very machine and software found about a rule; ``site`` None: for the machine."""

    rule: str
    site: str | None
    passed: bool


class Standing(enum.Enum):
    """What a rule whose conditions hold may do."""

    APPLIES = "applies"
    TO_MEASURE = "to-measure"
    FAILED = "failed"  # measured here, and it did not pass
    REFUTED = "refuted"


@record(frozen=True)
class Scene:
    """Facts, wishes and rules, for the GPUs decided for."""

    facts: HostFacts
    request: Request
    targets: Targets
    gpus: tuple[Gpu, ...]
    rules: tuple[Rule, ...]
    measured: tuple[Measured, ...] = ()
    routed: bool = True  # whether verdicts name the ways out

    def context(self, gpu: Gpu, site: PythonSite | None = None, kernels: Kernels | None = None) -> Context:
        """What a rule is judged on."""
        return Context(self.facts, self.request, self.targets, gpu, site, kernels)

    def standing(self, rule: Rule, site: str | None) -> Standing:
        """What a rule may do here; a measurement outranks every other evidence."""
        found = self._measured(rule, site)
        if found is not None:
            return Standing.APPLIES if found.passed else Standing.FAILED
        if rule.strength is Strength.REFUTED:
            return Standing.REFUTED
        return Standing.TO_MEASURE if rule.needs_measuring else Standing.APPLIES

    def rank(self, rule: Rule, site: str | None) -> int:
        """Precedence of what the rule sets: measured here, then the profile's rules, then rules by strength."""
        if self._measured(rule, site) is not None:
            return MEASURED_RANK
        return (PROFILE_RANK if rule.profile else RULE_RANK) + rule.strength.rank

    def _measured(self, rule: Rule, site: str | None) -> Measured | None:
        return next((m for m in self.measured if m.rule == rule.id and m.site == site), None)


@record(frozen=True)
class Candidate:
    """A setting somebody wants; the highest rank of one place wins."""

    setting: Setting
    rank: int


class Findings:
    """What deciding collects: everything wanted, refused, proposed and warned of, in order and once."""

    def __init__(self) -> None:
        self.candidates: list[Candidate] = []
        self.rejected: dict[Rejected, None] = {}
        self.experiments: dict[Experiment, None] = {}
        self.warnings: dict[str, None] = {}

    def want(self, setting: Setting, rank: int) -> None:
        """Notes a setting."""
        self.candidates.append(Candidate(setting, rank))

    def want_rule(self, scene: Scene, rule: Rule, layer: Layer, site: str | None = None) -> None:
        """Notes all a rule sets in one layer."""
        for wanted in rule.settings:
            if wanted.layer is layer:
                self.want(Setting(layer, site, wanted.key, wanted.value, rule.id), scene.rank(rule, site))

    def reject(self, key: str, reason: str, rule: str | None = None, site: str | None = None) -> None:
        """Notes something not done."""
        self.rejected[Rejected(key, reason, rule, site)] = None

    def propose(self, rule: Rule, site: str | None, what: str | None = None) -> None:
        """Notes a rule to be measured first."""
        command = rule.experiment.command if rule.experiment else None
        summary = rule.experiment.summary if rule.experiment else what or f"{_listed(rule)}: {rule.why}"
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


def _listed(rule: Rule) -> str:
    return " ".join(f"{wanted.key}={wanted.value}" for wanted in rule.settings) or rule.id
