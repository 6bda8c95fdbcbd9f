"""``rdna-installer adopt``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, consent, shown_first
from rdna_installer.errors import Exit
from rdna_installer.report.console import progress, show
from rdna_installer.workflow.adopting import adopt, plan_adoption
from rdna_installer.workflow.recovering import recover_first


@click.command("adopt")
@options.with_options((options.YES, options.DRY_RUN), options.OUTPUT)
def command(chosen: Chosen) -> int:
    """Remove wrong settings left by other tools and guides. Asks first; rollback brings them back. 4: some stay."""
    root = chosen.sysroot
    if not chosen.dry_run:
        recover_first(root, progress, initramfs=True)
    planned = plan_adoption(root)
    with shown_first():
        answer(chosen, "adopt", planned.leftovers, planned.total)
    if planned.refusal:
        raise planned.refusal
    if planned.changes and not chosen.dry_run:
        from rdna_installer.report.plan_text import rollback

        def files() -> None:
            show(rollback, "What changes", planned.changes, planned.total, True, (), err=True)

        consent(planned.total.line, "Take them away", yes=chosen.yes, files=files)
        adopt(root, planned, progress)
    return int(Exit.MISMATCH if any(not item.done for item in planned.leftovers) else Exit.OK)
