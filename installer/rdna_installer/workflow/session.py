"""The variables of this machine's settings for one session: what ``env`` prints and ``run`` runs a command with."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.change.store import ENVIRONMENTS
from rdna_installer.detect.host import Ask
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import HOOKED
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, Layer, Policy, Request, Setting, Verdict
from rdna_installer.record import record
from rdna_installer.workflow.planning import Job, decide, gather

ASKED = ("--set", "--conv")  # what is asked for now outranks what the session has; a rule's word does not


@record(frozen=True)
class Session:
    """Settings of the machine and of one site, in the order of ``plan``, and what ``plan`` notes of them."""

    settings: tuple[Setting, ...]
    notes: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """Names and values."""
        return tuple((s.key, s.value) for s in self.settings)

    def over(self, environ: Mapping[str, str]) -> dict[str, str]:
        """``environ`` with these variables in it."""
        new = {s.key: s.value for s in self.settings if s.rule in ASKED or not environ.get(s.key)}
        return {**environ, **new}


def session(root: Sysroot, ask: Ask, request: Request) -> Session:
    """Exactly what ``plan`` shows for the machine and one site.

    Raises RdnaError("several-sites") when more than one site has settings of its own and none is named.
    """
    decided = decide(root, gather(Job(root, ask, request)), request)
    policy = decided.policy
    site = _the_site(policy.settings)
    chosen = [s for s in policy.settings if s.layer is Layer.ENV or (s.layer is Layer.PYTHON and s.site == site)]
    chosen += _constrained(root, site or next((str(s.python) for s in decided.facts.sites if s.torch), None))
    others = (*decided.notes, *decided.others.lines)
    notes = (*policy.warnings, *_verdict(policy), *others, *_notes(root, decided.facts, site, chosen))
    return Session(tuple(chosen), tuple(dict.fromkeys(notes)))


def session_of(root: Sysroot, ask: Ask, request: Request, whom: str) -> tuple[Session, str]:
    """The session, and the whole text for ``whom``, who does not get it from what this program writes."""
    from rdna_installer.detect.users import group_names
    from rdna_installer.plan.render import snippet

    found = (_of_ollama if whom == "ollama" else session)(root, ask, request)
    pairs = [(key, value) for key, value in found.variables if not key.startswith(HOOKED) and key != "UV_CONSTRAINT"]
    return found, snippet(whom, pairs, (gid for gid, name in group_names(root).items() if name in ("render", "video")))


def _of_ollama(root: Sysroot, ask: Ask, request: Request) -> Session:
    """What is for the whole machine, and what its own kernels need."""
    from rdna_installer.amd.case import Case
    from rdna_installer.plan.programs import for_programs
    from rdna_installer.plan.services import OWN_KERNELS
    from rdna_installer.workflow.foreign import programs

    decided = decide(root, gather(Job(root, ask, request)), request)
    there = [p for p in programs(root, decided.facts.user) if p.name.startswith("ollama")]
    case = Case(decided.facts, decided.book, request, decided.policy.gpus)
    needs = {key: value for sets in for_programs(case, there).values() for key, value in sets.items()}
    own = (Setting(Layer.SERVICES, None, key, value, OWN_KERNELS) for key, value in needs.items())
    settings = [s for s in decided.policy.settings if s.layer is Layer.ENV and s.key not in needs]
    unknown = () if there else ("no ollama was found here: what its own kernels need is not known",)
    return Session((*settings, *own), (*unknown, *decided.policy.warnings))


def _constrained(root: Sysroot, python: str | None) -> list[Setting]:
    """pip reads an environment's own pip.conf; uv does not, and must be told that torch stays the locked one."""
    place = PurePosixPath(python).parent.parent / "constraints.txt" if python else None
    if place is None or place.parent.parent.name != ENVIRONMENTS or not look(partial(root.exists, place), bool):
        return []
    return [Setting(Layer.PYTHON, python, "UV_CONSTRAINT", str(place), "setup")]


def _verdict(policy: Policy) -> tuple[str, ...]:
    """Where nothing can run, variables do not change it."""
    if policy.verdict is not Verdict.UNUSABLE:
        return ()
    return tuple(f"unusable: {site.why}" for site in policy.sites if site.verdict is Verdict.UNUSABLE)


def _the_site(settings: tuple[Setting, ...]) -> str | None:
    sites = list(dict.fromkeys(s.site for s in settings if s.site))
    if len(sites) > 1:
        message = "more than one Python has settings of its own"
        hint = "name one: --python PATH"
        raise RdnaError("several-sites", message, context=", ".join(sites), hint=hint, exit_code=Exit.USAGE)
    return sites[0] if sites else None


def _notes(root: Sysroot, facts: HostFacts, python: str | None, settings: list[Setting]) -> tuple[str, ...]:
    """Our own variables need our hook: without it they would do nothing, silently."""
    names = [s.key for s in settings if s.key.startswith(HOOKED)]
    site = next((s for s in facts.sites if str(s.python) == python), None)
    if not names or site is None or look(partial(root.exists, site.site_packages / "rdna_hook.pth"), bool):
        return ()
    text = f"{' and '.join(names)} has no effect in {python}: the start-up file that reads it is not installed there"
    return (f"{text}; install it: rdna-installer apply --layer python --python {shlex.quote(str(python))}",)
