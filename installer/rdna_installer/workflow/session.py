"""The variables of this machine's settings for one session: what ``env`` prints."""

from __future__ import annotations

from rdna_installer.detect.host import Ask
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Layer, Request, Setting
from rdna_installer.plan.policy import resolve
from rdna_installer.workflow.planning import Job, gather, load_rules


def session_variables(root: Sysroot, ask: Ask, request: Request) -> tuple[tuple[str, str], ...]:
    """Variables of the machine and of one site, in order: exactly what ``plan`` shows for them.

    Raises RdnaError("several-sites") when more than one site has settings of its own and none is named.
    """
    job = Job(root, ask, request)
    facts = gather(job)
    policy = resolve(facts, load_rules(root, facts.user), request)
    site = _the_site(policy.settings)
    chosen = [s for s in policy.settings if s.layer is Layer.ENV or (s.layer is Layer.PYTHON and s.site == site)]
    return tuple((s.key, s.value) for s in chosen)


def _the_site(settings: tuple[Setting, ...]) -> str | None:
    sites = list(dict.fromkeys(s.site for s in settings if s.site))
    if len(sites) > 1:
        raise RdnaError(
            "several-sites",
            "more than one Python has settings of its own",
            context=", ".join(sites),
            hint="name one: --python PATH",
            exit_code=Exit.USAGE,
        )
    return sites[0] if sites else None
