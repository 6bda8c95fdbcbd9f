"""The command group, found lazily, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from rdna_installer import __version__
from rdna_installer.errors import KNOWN, Exit, RdnaError, explain
from rdna_installer.machine.process import prepare_streams, silence
from rdna_installer.report.console import complain, explain_error, output_lost, progress

COMMANDS = {
    "doctor": "What works, what does not, and what to do next.",
    "detect": "What is in this machine: GPUs, ROCm, PyTorch, kernel.",
    "plan": "What apply would change, why, and what it will not do.",
    "apply": "Change the machine: all of the plan or nothing.",
    "adopt": "Remove wrong settings left by other tools and guides.",
    "verify": "Check that the settings work.",
    "status": "What is applied, and which files were changed since.",
    "history": "List the changes you can go back to.",
    "rollback": "Undo the last change, or more.",
    "confirm": "Keep new kernel options after a trial boot.",
    "recover": "Finish or undo what an interrupted run left.",
    "uninstall": "Put everything back to what it was before.",
    "advise": "What to do with this GPU, best first: evidence, cost, risk, commands.",
    "explain": "Why a setting is proposed or refused, with its evidence.",
    "cache": "Clear the caches of MIOpen, Triton and Inductor.",
    "diagnose": "What the errors in a log mean here, the cause first.",
    "env": "The environment of this machine's settings, for one session.",
    "run": "Run one command in that environment.",
    "probe": "Measure which convolutions work on this card, and how to run them.",
}
BOOT_CHECK = "boot-check"  # for rdna-installer-boot.service, not for people
ALIASES = {"diff": "plan"}
BESIDE = {  # commands in another's file
    "doctor": "detect", "adopt": "rollback",
    "advise": "plan", "verify": "status", "history": "status", "uninstall": "rollback", "diagnose": "explain",
    "run": "env", BOOT_CHECK: "confirm",
}  # fmt: skip


class Commands(click.Group):
    """Imports a command's module only when it is called: start-up time is every command's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name or alias."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS and name != BOOT_CHECK:
            return None
        module = importlib.import_module(f"rdna_installer.cli.{BESIDE.get(name, name)}")
        command: click.Command = getattr(module, name.replace("-", "_") if name in BESIDE else "command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing every command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: rdna-installer plan",
)
@click.version_option(__version__, prog_name="rdna-installer")
def app() -> None:
    """Make PyTorch and ROCm work on AMD GPUs, from evidence, with a way back."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a traceback never reaches the user."""
    noted = {"root": "/"}
    try:
        prepare_streams()
        code = app.main(
            args=list(sys.argv[1:] if argv is None else argv) or ["doctor"],
            prog_name="rdna-installer",
            standalone_mode=False,
            obj=noted,
        )
        sys.stdout.flush()
        return int(code or 0)
    except RdnaError as err:
        return _explain(err)
    except click.ClickException as err:
        return _misused(err)
    except (KeyboardInterrupt, click.Abort):
        return _explain(RdnaError("interrupted", "interrupted; nothing was changed", exit_code=Exit.FAILED))
    except OSError as err:
        return _stream_or_bug(err, noted["root"])
    except Exception as err:
        return _bug(err, noted["root"])


def _explain(err: RdnaError) -> int:
    explain_error(err)
    return int(err.exit_code)


def _misused(err: click.ClickException) -> int:
    """As click says it, but its words hold the arguments as they were given."""
    usage = ""
    if isinstance(err, click.UsageError) and err.ctx is not None:
        usage = f"{err.ctx.get_usage()}\nTry '{err.ctx.command_path} --help' for help.\n"
    complain(usage, err.format_message())
    return int(Exit.USAGE)


def _stream_or_bug(err: OSError, root: str) -> int:
    """A failing disk under our own files names the file; what has no name is a stream."""
    if isinstance(err, BrokenPipeError):
        # The reader (head, less) went away: nothing is left to say, and Python must not say so again at exit.
        silence(1)
        return int(Exit.OK)
    if err.filename is not None:
        return _explain(explain(err, Exit.FAILED)) if err.errno in KNOWN else _bug(err, root)
    return _explain(output_lost(err, "see what happened with `rdna-installer status`"))


def _bug(err: Exception, root: str) -> int:
    from rdna_installer.workflow.bug import record_bug

    place = record_bug(err, root)
    progress(f"error: a bug in rdna-installer ({type(err).__name__}); details are in {place}")
    return int(Exit.BUG)
