"""``rdna-installer env`` and ``run``: this machine's settings for one session."""

from __future__ import annotations

import os

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.machine.process import replace_with
from rdna_installer.plan import quoting
from rdna_installer.report.console import progress, show_lines
from rdna_installer.workflow.session import Session, session, session_of

# Who does not get the settings from what this program writes: a template in templates/session for each.
FOR = ("ollama", "systemd", "compose", "podman", "quadlet", "distrobox", "zsh", "fish")


@click.command("env", cls=Command)
@options.with_options(options.REQUEST, options.FACTS, (options.ROOT,))
@click.option("--format", "form", type=click.Choice(list(quoting.SESSION_FORMATS)), default="sh", help="For whom.")
@click.option("--for", "whom", type=click.Choice(FOR), help="All that is needed there, and how to check it.")
def command(chosen: Chosen, form: str, whom: str | None) -> int:
    """The variables that plan would set, for one session: eval "$(rdna-installer env)"."""
    if whom is not None:
        job = options.job(chosen)
        found, text = session_of(job.root, job.ask, job.request, whom)
    else:
        found = _session(chosen)
        text = "\n".join(quoting.SESSION_FORMATS[form](key, value) for key, value in found.variables)
    if text:
        show_lines(text)
    _say(found)
    return 0


@click.command("run", cls=Command, context_settings={"allow_interspersed_args": False})
@options.with_options(options.REQUEST, options.FACTS)
@click.option("--warm", is_flag=True, help="Once with MIOpen's Find on, and say what it compiled and kept.")
@click.argument("argv", nargs=-1, required=True, metavar="-- COMMAND…", type=click.UNPROCESSED)
def run(chosen: Chosen, warm: bool, argv: tuple[str, ...]) -> int:
    """Run COMMAND with the variables that plan would set; it ends with its exit code.

    What your session has set already wins, except over --set and --conv.
    """
    found = _session(chosen)
    _say(found)
    return _warm(chosen, argv, found) if warm else replace_with(argv, found.over(os.environ))


def _warm(chosen: Chosen, argv: tuple[str, ...], found: Session) -> int:
    """Run it with Find on, and say what that built."""
    from rdna_installer.plan.summary import size
    from rdna_installer.workflow.caches import built_by

    code, built = built_by(chosen.sysroot, argv, found.over(os.environ), progress)
    for place, files, count in built:
        progress(f"{place.what}: {files:+} files, {size(max(count, 0))} more in {place.path}")
    if not any(count for _, _, count in built):
        asks = "a program that never asks MIOpen to find (torch: torch.backends.cudnn.benchmark = True) builds nothing"
        progress(f"nothing was built: all of it was there, or {asks}")
    return code


def _session(chosen: Chosen) -> Session:
    job = options.job(chosen)
    return session(job.root, job.ask, job.request)


def _say(found: Session) -> None:
    for note in found.notes:
        progress(f"note: {note}")
