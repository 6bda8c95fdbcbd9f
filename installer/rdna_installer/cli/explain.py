"""``rdna-installer explain`` and ``diagnose``: what something is, what an error means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.explain import explain, explain_miopen, groups
from rdna_installer.workflow.foreign import load_rules

if TYPE_CHECKING:
    from rdna_installer.diagnose.finding import Diagnosis


@click.command("explain", cls=Command)
@click.argument("key", required=False, shell_complete=options.offered)
@options.offering("--gfx", metavar="NAME", help="What MIOpen's switches do on this target, or what it chooses from.")
@click.option("--shape", metavar="NAME", help="With MIOPEN and --gfx: what it chooses from for one convolution.")
@options.with_options(options.OUTPUT)
def command(chosen: Chosen, key: str | None, shape: str | None) -> int:
    """What is known about a variable, kernel parameter, rule, profile or gfx target, and what contradicts it.

    Without KEY everything that can be explained; KEY can also be targets, profiles, rules, claims, variables or
    parameters, or the PATH of a configuration file: what each of its lines does here. MIOPEN: what it chooses from.
    """
    place = chosen.sysroot
    book = load_rules(place)
    if key is not None and is_path(key):
        from rdna_installer.workflow.explaining import explain_file

        answer(chosen, "explain", explain_file(place, key, book))
    elif kinds := [group for group in groups(book) if key in (None, group.name)]:
        answer(chosen, "keys", kinds, text="explain_text.keys")
    else:
        found = explain_miopen(chosen.gfx, shape) if key == "MIOPEN" else explain(book, str(key), chosen.gfx)
        answer(chosen, "explain", found)
    return 0


def is_path(key: str) -> bool:
    """Whether what is to be explained is a file."""
    return key.startswith(("/", "./", "../", "~"))


class _WithCommand(Command):
    """Leaves what stands after ``--`` alone: it is somebody's command with options of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep it apart from our own arguments."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta["argv"] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])


@click.command("diagnose", cls=_WithCommand, options_metavar="[OPTIONS] [-- COMMAND…]")
@click.argument("log", type=options.AnyPath(), required=False, metavar="[FILE|-]")
@click.option("--kernel-log", is_flag=True, help="The kernel log of this boot (journalctl, else dmesg).")
@click.option("--unit", metavar="NAME", help="The log of a systemd unit (ollama.service).")
@click.option("--since", metavar="TIME", help="With these two: from a time on ('10 min ago', '2026-11-27 08:00').")
@click.option("--here", is_flag=True, help="The log is of this machine, whatever it says of another card.")
@click.option("--html", type=options.AnyPath(), metavar="FILE", help="Write the page of `report` with what was found.")
@options.with_options(options.FACTS, options.OUTPUT)
def diagnose(chosen: Chosen, log: str | None, html: str | None, unit: str | None, **how: Any) -> int:
    """What a log's errors mean on its machine: the cause first, harmless noise named. Changes nothing.

    With -- COMMAND: run it in the environment of `run`, and explain its end where it fails. A container's log comes
    by pipe: podman logs NAME 2>&1 | rdna-installer diagnose -
    """
    from rdna_installer.report.console import passing, progress
    from rdna_installer.workflow.diagnosing import Diagnosing, diagnose_command, diagnose_journal, diagnose_log

    kernel_log, since, here = (how[name] for name in ("kernel_log", "since", "here"))
    argv: tuple[str, ...] = click.get_current_context().meta["argv"]
    if sum(map(bool, (log, kernel_log, unit, argv))) != 1 or (since and not (kernel_log or unit)):
        message = "name one log: a file, - for standard input, --kernel-log, --unit NAME, or -- COMMAND"
        hint = "keep the log of a program (CMD 2>&1 | tee run.log), then: rdna-installer diagnose run.log"
        raise RdnaError("which-log", message, hint=hint, exit_code=Exit.USAGE)
    job = Diagnosing(chosen.sysroot, chosen.ask, here)
    if argv:
        code, found = diagnose_command(job, argv, progress)
        if found is not None:
            _write_page(chosen, html, found)
            answer(chosen, "diagnose", found, err=True)
        return code
    found = diagnose_log(job, log, passing) if log else diagnose_journal(job, unit, since)
    _write_page(chosen, html, found)
    answer(chosen, "diagnose", found)
    return 0


def _write_page(chosen: Chosen, path: str | None, found: Diagnosis) -> None:
    if path is not None:
        from rdna_installer.cli.report import write_page
        from rdna_installer.share.schema import write
        from rdna_installer.workflow.reporting import gather

        shared = gather(chosen.sysroot, chosen.ask, found)
        write_page(path, shared, write(shared))
