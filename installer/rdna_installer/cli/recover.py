"""``rdna-installer recover``."""

from __future__ import annotations

import click

from rdna_installer.change.soundness import Soundness
from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit
from rdna_installer.report.console import progress
from rdna_installer.workflow.inspecting import check_states
from rdna_installer.workflow.recovering import decide_own, recover_all

DECIDE = "Your own part of a change of root's that was never finished: back, or forward. Root's part stays as it is."


@click.command("recover", cls=Command)
@options.with_options(options.OUTPUT, (options.NO_INITRAMFS,))
@click.option("--decide", type=click.Choice(["undo", "finish"]), help=DECIDE)
@click.option("--check", "look", is_flag=True, help="Change nothing: say what of the state is damaged, what is safe.")
def command(chosen: Chosen, decide: str | None, look: bool) -> int:
    """Repair after an interrupted run. Harmless when there is nothing."""
    if look:
        return _check(chosen)
    if decide is not None:
        done: tuple[str, ...] = (decide_own(chosen.sysroot, forward=decide == "finish"),)
    else:
        done = recover_all(chosen.sysroot, progress, initramfs=not chosen.no_initramfs)
    answer(chosen, "recovered", done, text="status_text.recovered")
    return 0


def _check(chosen: Chosen) -> int:
    """0 when everything can be believed, 4 when not."""
    states = check_states(chosen.sysroot)
    sound = all(isinstance(state, Soundness) and state.ok for _, state in states)
    answer(chosen, "states", sound, states, text="status_text.states")
    return int(Exit.OK if sound else Exit.MISMATCH)
