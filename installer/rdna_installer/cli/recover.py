"""``rdna-installer recover``."""

from __future__ import annotations

import click

from rdna_installer.change.soundness import Soundness
from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.errors import Exit
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.report.console import Style, progress, show, show_json
from rdna_installer.workflow.inspecting import check_states
from rdna_installer.workflow.recovering import decide_own, recover_all


@click.command("recover")
@options.with_options(options.OUTPUT, (options.NO_INITRAMFS,))
@click.option(
    "--decide",
    type=click.Choice(["undo", "finish"]),
    help="Your own part of a change of root's that nobody decides: back, or forward. Root's part stays as it is.",
)
@click.option("--check", "look", is_flag=True, help="Change nothing: say what of the state is damaged, what is safe.")
def command(chosen: Chosen, decide: str | None, look: bool) -> int:
    """Finish or undo what an interrupted run left. Harmless when there is nothing."""
    if look:
        return _check(chosen.sysroot, as_json=chosen.as_json)
    if decide is not None:
        done: tuple[str, ...] = (decide_own(chosen.sysroot, forward=decide == "finish"),)
    else:
        done = recover_all(chosen.sysroot, progress, initramfs=not chosen.no_initramfs)
    if chosen.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump({"recovered": list(done)}))
    else:
        show(_text, done, colour=chosen.colour)
    return 0


def _text(done: tuple[str, ...], _: Style) -> str:
    return "\n".join(done) or "nothing to recover"


def _check(root: Sysroot, *, as_json: bool) -> int:
    """0 when everything can be believed, 4 when not."""
    states = check_states(root)
    sound = all(isinstance(state, Soundness) and state.ok for _, state in states)
    if as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump({"sound": sound, "owners": [asjson.soundness(*state) for state in states]}))
    else:
        from rdna_installer.report import state_text

        show(state_text.render, states)
    return int(Exit.OK if sound else Exit.MISMATCH)
