"""``rdna-installer report``: a page to look at, a file to give away, and a look at somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rdna_installer.cli import options
from rdna_installer.cli.document import Document
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.printable import Lines

if TYPE_CHECKING:
    from rdna_installer.share.schema import Shared

FILE, STDOUT = "rdna_installer.json_file", "-"


def _file(ctx: click.Context, _: click.Parameter, value: str | None) -> bool:
    """--json alone is what it is everywhere; with a FILE the report goes there, and stdout stays for people."""
    ctx.meta[FILE] = None if value == STDOUT else value
    if value is not None:
        Document.here(ctx).as_json = value == STDOUT
    return value == STDOUT


JSON = click.option(
    *("--json", "as_json"), is_flag=False, flag_value=STDOUT, type=options.AnyPath(), metavar="[FILE]", callback=_file,
    help="Write the file to give away; without FILE: one JSON document on stdout.",
)  # fmt: skip
HTML = click.option("--html", type=options.AnyPath(), metavar="FILE", help="Write the page, whole in one file.")


@click.command("report", cls=Command)
@HTML
@options.with_options((JSON,), options.FACTS, options.FORM[1:], (options.ROOT,))
@click.option("--show", is_flag=True, help="Print everything that would be shared.")
@click.option(
    "--check",
    type=options.AnyPath(),
    metavar="FILE",
    help="Look at another's file: is it such a report? --html shows it.",
)
@click.pass_context
def command(ctx: click.Context, chosen: Chosen, html: str | None, show: bool, check: str | None) -> int:
    """What works on this card, what is set, what failed: as a page and as a file to give away.

    No names, paths or ids are in them. Nothing is sent anywhere; --show prints exactly what the file holds.
    """
    from rdna_installer.share import schema
    from rdna_installer.workflow import reporting

    to = ctx.meta[FILE]
    if check and (to or show or chosen.pythons or chosen.gfx):
        message = "--check is about another file: of the others only --html and --json without FILE go with it"
        raise RdnaError("report-or-check", message, exit_code=Exit.USAGE)
    shared = reporting.check(check)[0] if check else reporting.gather(chosen.sysroot, chosen.ask)
    content = schema.write(shared)
    if to:
        reporting.save(to, content)
    write_page(html, shared, content)
    files = [str(reporting.place_of(path)) for path in (html, to) if path]
    answer(chosen, "report", shared, files, Lines(content.decode()), text="report_text.whole" if show else "")
    return 0


def write_page(path: str | None, shared: Shared, content: bytes) -> None:
    """The page into a file, where one is named. Raises RdnaError("page-too-large")."""
    if path is None:
        return
    from rdna_installer.report.page import render
    from rdna_installer.share.schema import SIZE_LIMIT, digest_of
    from rdna_installer.workflow.reporting import save

    page = render(shared, digest_of(content)).encode()
    if len(page) > 2 * SIZE_LIMIT:  # another's file, made to be so
        message = f"its page would have {len(page) // 1000} kB: no machine has so much to say"
        raise RdnaError("page-too-large", message, exit_code=Exit.MISMATCH)
    save(path, page)
