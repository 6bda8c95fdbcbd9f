"""The command group, found lazily, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import errno
import importlib
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

import click

from rdna_installer import __version__
from rdna_installer.cli import helping, options
from rdna_installer.cli.document import Document
from rdna_installer.errors import KNOWN, UNTOUCHED, UNTOUCHED_ELSE, Exit, Problem, RdnaError
from rdna_installer.errors import explain as explained
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.process import prepare_streams, require_files, silence
from rdna_installer.record import replace
from rdna_installer.report.console import explain, output_lost

COMMANDS = (  # in the order of the work
    *("setup", "doctor", "detect", "plan", "apply", "adopt", "verify", "status", "history", "rollback", "confirm"),
    *("recover", "uninstall", "advise", "explain", "cache", "diagnose", "env", "run", "probe", "report", "demo"),
    "recipe",
)
CHANGING = ("apply", "adopt", "rollback", "confirm", "recover", "uninstall", "cache clear", "setup")
LOST = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EFBIG, errno.ENXIO, errno.ECONNRESET, errno.EROFS)
HELP = "help"
BOOT_CHECK = "boot-check"  # for rdna-installer-boot.service, not for people
ALIASES = {"diff": "plan"}
BESIDE = {  # commands in another's file
    "doctor": "detect", "demo": "detect", "adopt": "rollback",
    "advise": "plan", "verify": "status", "history": "status", "uninstall": "rollback", "diagnose": "explain",
    "run": "env", BOOT_CHECK: "confirm",
}  # fmt: skip
MODULES = {**BESIDE, HELP: "helping"}


class Commands(helping.Group):
    """Imports a command's module only when it is called: start-up time is every command's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name or alias."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in (*COMMANDS, BOOT_CHECK, HELP):
            return None
        module = importlib.import_module(f"rdna_installer.cli.{MODULES.get(name, name)}")
        command: click.Command = getattr(module, name.replace("-", "_") if name in BESIDE else "command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, or a guess at what was meant. Raises click.UsageError."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(f'no command "{args[0]}".{helping.meant(args[0], COMMANDS)}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """By what they are for, without importing every command."""
        helping.write_groups(COMMANDS, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, and where more is."""
        helping.write_examples("", formatter)
        formatter.write(f"\n{helping.words()['more']}\n")


VERSION = helping.switch(
    "--version", says=lambda _: f"rdna-installer, version {__version__}", text="Show the version and exit."
)


@click.group(
    cls=Commands,
    context_settings={"max_content_width": 80},
    options_metavar="",
    subcommand_metavar="COMMAND [OPTIONS]",
    params=[VERSION],
)
@options.ROOT
def app(root: str) -> None:
    """Get PyTorch and ROCm running on AMD Radeon cards. Every change can be undone."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a traceback never reaches the user.
    With --json all of it is one document on stdout; stderr stays for people."""
    words = list(sys.argv[1:] if argv is None else argv)
    words += [] if words[2:] or not re.match("--root=.|--root .|$", " ".join(words)) else ["doctor"]
    document, signals = Document(words), Interrupts()
    try:
        with nullcontext() if words[:1] == [BOOT_CHECK] else signals:  # systemd stops that one
            code, problem = _attempt(partial(_run, words, document), document, signals)
            if document.as_json:
                code, _ = _attempt(partial(document.write, code, problem), document, nullcontext())
    except KeyboardInterrupt:  # before we listen ourselves, or after
        explain(problem := _interrupted(document))
        code = int(problem.exit_code)
        if document.as_json:
            _attempt(partial(document.write, code, problem), document, nullcontext())
    return code


def _run(words: list[str], document: Document) -> int:
    prepare_streams()
    require_files()
    code = app.main(args=words, prog_name="rdna-installer", standalone_mode=False, obj=document)
    sys.stdout.flush()
    return int(code or 0)


def _attempt(
    work: Callable[[], int], document: Document, signals: Interrupts | nullcontext[None]
) -> tuple[int, Problem | None]:
    """The exit code of ``work``, and the problem that was said. A signal in the midst of saying it is no other one."""
    try:
        with signals.raising() if isinstance(signals, Interrupts) else signals:
            return work(), None
    except RdnaError as err:
        problem = err.problem
    except click.ClickException as err:
        problem = _misused(err, document)
    except (KeyboardInterrupt, click.Abort):
        problem = _interrupted(document)
    except BrokenPipeError:
        # The reader (head, less) went away: nothing is left to say, and Python must not say so again at exit.
        silence(1)
        return int(Exit.OK), None
    except OSError as err:
        problem = _stream_or_bug(err, document.root)
    except Exception as err:
        problem = _bug(err, document.root)
    if document.begun and problem.consequence == UNTOUCHED:  # packages or groups were added, caches cleared
        problem = replace(problem, consequence=None)
    if document.before:
        message, after = problem.message, problem.consequence or ""
        message, after = (text.replace(UNTOUCHED, UNTOUCHED_ELSE) for text in (message, after))
        problem = replace(problem, message=message, consequence=after or None)
    explain(problem, changes=document.command in CHANGING and problem.exit_code is not Exit.USAGE)
    return int(problem.exit_code), problem


def _misused(err: click.ClickException, document: Document) -> Problem:
    context = err.ctx if isinstance(err, click.UsageError) else None
    document.command = document.command or (options.name_of(context) if context else "") or None
    text = err.format_message()
    helped = f"{context.command_path if context else 'rdna-installer'} --help"
    return Problem("usage", text[:1].lower() + text[1:], None, helped, Exit.USAGE, UNTOUCHED)


def _interrupted(document: Document) -> Problem:
    from rdna_installer.workflow.recovering import unfinished

    if unfinished(document.root):
        left = "interrupted; what was begun is not finished"
        return Problem("interrupted", left, None, "rdna-installer recover", Exit.INCOMPLETE)
    if document.begun:
        return Problem("interrupted", "interrupted; a part was done", None, "run it again", Exit.INCOMPLETE)
    return RdnaError("interrupted", f"interrupted; {UNTOUCHED}", exit_code=Exit.INTERRUPTED).problem


def _stream_or_bug(err: OSError, root: str) -> Problem:
    """A failing disk under our own files names the file; what has no name, and may be so of a stream, is one."""
    if err.filename is None and err.errno in LOST:
        return output_lost(err, "what was done is recorded", "see it: rdna-installer status").problem
    return explained(err, Exit.FAILED).problem if err.errno in KNOWN else _bug(err, root)


def _bug(err: Exception, root: str) -> Problem:
    from rdna_installer.workflow.bug import record_bug

    place = record_bug(err, root)
    what = f"a bug in rdna-installer ({type(err).__name__})"
    return Problem("bug", what, f"details are in {place}", "report it with these details", Exit.BUG)
