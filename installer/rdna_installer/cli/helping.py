"""How help looks: groups, examples, rare options on demand, and a guess at what was meant. Words are in help.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from rdna_installer.report.console import show_lines


def words() -> dict[str, Any]:
    """What help.yaml says."""
    import yaml  # for help alone

    text = Path(__file__).with_name("help.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def switch(*names: str, says: Callable[[click.Context], str], text: str) -> click.Option:
    """An option that prints something and ends the command. Ours, as click's own load ``locale`` to look for a
    translation of their help."""

    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            show_lines(says(ctx))
            ctx.exit()

    return click.Option([*names], is_flag=True, is_eager=True, expose_value=False, callback=show, help=text)


def refuse_empty(value: Any, param: click.Parameter | None, ctx: click.Context | None) -> None:
    """An unset variable in a script would be a wish for nothing in particular. Raises click.BadParameter (exit 2)."""
    if "" in (value if isinstance(value, tuple) else (value,)):
        raise click.BadParameter("it is empty: is a variable unset?", ctx, param)


class Helped(click.Command):
    """With our own --help, and without empty words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises click.BadParameter; of another's command (UNPROCESSED) every word is its own."""
        left = super().parse_args(ctx, args)
        for param in self.params:
            if param.type is click.STRING:
                refuse_empty(ctx.params.get(param.name or ""), param, ctx)
        return left

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """The same for all."""
        return HELP


class Group(Helped, click.Group):
    """Commands below one."""


class Command(Helped):
    """Shows rare options with --help-all only, and examples."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """With --help-all."""
        return [*super().get_params(ctx), HELP_ALL]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Those that most people need."""
        rare = () if ctx.meta.get(ALL) else words()["rare"]
        shown = [p.get_help_record(ctx) for p in self.get_params(ctx) if p.name not in rare]
        with formatter.section("Options"):
            formatter.write_dl([record for record in shown if record])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, each on a line of its own."""
        write_examples(ctx.command_path.partition(" ")[2], formatter)


ALL = "rdna_installer.all"


def _all(ctx: click.Context) -> str:
    ctx.meta[ALL] = True
    return ctx.get_help()


HELP = switch("-h", "--help", says=click.Context.get_help, text="Show this message and exit.")
HELP_ALL = switch("--help-all", says=_all, text="Show every option and exit.")


def write_examples(name: str, formatter: click.HelpFormatter) -> None:
    """Those of a command; none are wrapped."""
    if found := words()["examples"].get(name):
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line}\n" for line in found))


def write_groups(commands: Iterable[str], formatter: click.HelpFormatter) -> None:
    """The commands there are, by what they are for."""
    known = set(commands)
    for title, group in words()["groups"].items():
        with formatter.section(title):
            formatter.write_dl([(name, text) for name, text in group.items() if name in known])


def meant(word: str, commands: Iterable[str]) -> str:
    """ "Did you mean …?" for a command that does not exist; "" where nothing is near."""
    known = list(commands)
    near = sorted((name for name in known if _distance(word, name) <= 2), key=lambda name: _distance(word, name))
    guesses = [name for name in (*words()["synonyms"].get(word, ()), *near) if name in known]
    return f" Did you mean {guesses[0]}?" if guesses else ""


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        above, row[0] = row[0], n
        for m, its in enumerate(other, 1):
            above, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, above + (letter != its))
    return row[-1]


@click.command("help", cls=Helped, hidden=True)
@click.argument("topic", nargs=-1)
@click.pass_context
def command(ctx: click.Context, topic: tuple[str, ...]) -> int:
    """The help of a command, or a topic: exit-codes, json."""
    topics = words()["topics"]
    if topic and topic[0] in topics:
        show_lines(topics[topic[0]].rstrip())
        return 0
    above = ctx.parent or ctx
    above.command.main([*topic, "--help"], prog_name=above.info_name, standalone_mode=False)
    return 0
