"""``rdna-installer explain`` and ``diagnose``: what something is, what an error means."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.explain import explain, groups
from rdna_installer.workflow.foreign import load_rules


@click.command("explain")
@click.argument("key", required=False)
@options.with_options(options.OUTPUT)
def command(chosen: Chosen, key: str | None) -> int:
    """What is known about a variable, kernel parameter, rule, profile or gfx target, and what contradicts it.

    Without KEY everything that can be explained; KEY can also be targets, profiles, rules, claims, variables or
    parameters, or the PATH of a configuration file: what each of its lines does here.
    """
    place = chosen.sysroot
    book = load_rules(place)
    if key is not None and is_path(key):
        from rdna_installer.workflow.explaining import explain_file

        answer(chosen, "explain", explain_file(place, key, book))
    elif found := [group for group in groups(book) if key in (None, group.name)]:
        answer(chosen, "keys", found, text="explain_text.keys")
    else:
        answer(chosen, "explain", explain(book, str(key)))
    return 0


def is_path(key: str) -> bool:
    """Whether what is to be explained is a file."""
    return key.startswith(("/", "./", "../", "~"))


@click.command("diagnose")
@click.argument("log", required=False, metavar="[FILE|-]")
@click.option("--kernel-log", is_flag=True, help="The kernel log of this boot (journalctl, else dmesg).")
@options.with_options(options.FACTS, options.OUTPUT)
def diagnose(chosen: Chosen, log: str | None, kernel_log: bool) -> int:
    """What a log's errors mean on this machine: the cause first, harmless noise named. Changes nothing."""
    from rdna_installer.workflow.diagnosing import diagnose_kernel, diagnose_log

    _require_one_log(log, kernel_log)
    place, ask = chosen.sysroot, chosen.ask
    found = diagnose_kernel(place, ask) if log is None else diagnose_log(place, ask, log)
    answer(chosen, "diagnose", found)
    return 0


def _require_one_log(log: str | None, kernel_log: bool) -> None:
    if (log is None) == (not kernel_log):
        raise RdnaError(
            "which-log",
            "diagnose wants one log: a file, - for standard input, or --kernel-log",
            hint="CMD 2>&1 | tee run.log; rdna-installer diagnose run.log",
            exit_code=Exit.USAGE,
        )
