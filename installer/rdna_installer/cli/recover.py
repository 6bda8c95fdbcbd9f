"""``rdna-installer recover``."""

from __future__ import annotations

import click

from rdna_installer.change.soundness import Soundness
from rdna_installer.cli import options
from rdna_installer.errors import Exit
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.report.console import progress
from rdna_installer.workflow.looking import check_states
from rdna_installer.workflow.recovering import decide_own, recover_all


@click.command("recover")
@options.with_options(options.OUTPUT)
@click.option(
    "--decide",
    type=click.Choice(["undo", "finish"]),
    help="Your own part of a change of root's that nobody decides: back, or forward. Root's part stays as it is.",
)
@click.option("--check", "look", is_flag=True, help="Change nothing: say what of the state is damaged, what is safe.")
def command(as_json: bool, no_color: bool, root: str, decide: str | None, look: bool) -> int:
    """Finish or undo what an interrupted run left. Harmless when there is nothing."""
    if look:
        return _check(options.sysroot(root), as_json=as_json)
    if decide is not None:
        done: tuple[str, ...] = (decide_own(options.sysroot(root), forward=decide == "finish"),)
    else:
        done = recover_all(options.sysroot(root), progress)
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump({"recovered": list(done)}))
        return 0
    click.echo("\n".join(done) or "nothing to recover")
    return 0


def _check(root: Sysroot, *, as_json: bool) -> int:
    """0 when everything can be believed, 4 when not."""
    states = check_states(root)
    sound = all(isinstance(state, Soundness) and state.ok for _, state in states)
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump({"sound": sound, "owners": [asjson.soundness(*state) for state in states]}))
    else:
        from rdna_installer.report import state_text

        click.echo("\n".join(line for state in states for line in state_text.soundness(*state)))
    return int(Exit.OK if sound else Exit.MISMATCH)
