"""``rdna-installer explain``."""

from __future__ import annotations

import sys

import click

from rdna_installer.cli import options
from rdna_installer.knowledge.explain import explain, known_keys
from rdna_installer.report.console import Style
from rdna_installer.workflow.planning import load_rules


@click.command("explain")
@click.argument("key", required=False)
@options.with_options(options.OUTPUT)
def command(key: str | None, as_json: bool, no_color: bool, root: str) -> int:
    """What is known about a variable, kernel parameter, rule, profile or gfx target, and what contradicts it."""
    book = load_rules(options.sysroot(root))
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump(asjson.explanation(explain(book, key)) if key else {"keys": list(known_keys(book))}))
        return 0
    from rdna_installer.report import explain_text

    style = Style(sys.stdout, allowed=not no_color)
    click.echo(explain_text.render(explain(book, key), style) if key else explain_text.keys(known_keys(book), style))
    return 0
