"""Options several commands share, and the data they become."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from rdna_installer.detect.host import Ask
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Foreign, Layer, Request, TrialWish, Use
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.workflow.planning import Job
    from rdna_installer.workflow.undoing import UndoJob

CONVOLUTIONS = ("native", "no-miopen", "gemm", "cpu", "probe")

F = TypeVar("F", bound=Callable[..., Any])


def _note_root(ctx: click.Context, _: click.Parameter, value: str) -> str:
    """Tell ``app.main`` whose log the details of a bug belong to."""
    ctx.ensure_object(dict)["root"] = value
    return value


ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False),
    default="/",
    callback=_note_root,
    help="Work on another root directory.",
)
OUTPUT = (
    click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
    click.option("--no-color", is_flag=True, help="No colours, also on a terminal."),
    ROOT,
)
FACTS = (
    click.option(
        "--gfx", metavar="NAME", help="The target (gfx1010) or the card ('RX 5600 XT'), where it cannot be detected."
    ),
    click.option("--rocm", metavar="VERSION", help="The ROCm version, where it cannot be detected."),
    click.option("--python", "pythons", multiple=True, metavar="PATH", help="An interpreter or venv; repeatable."),
)
REQUEST = (
    click.option("--profile", default="recommended", metavar="NAME", help="A set of settings (default: recommended)."),
    click.option("--use", type=click.Choice([u.value for u in Use]), default="both", help="What you do with it."),
    click.option(
        "--layer",
        "layers",
        multiple=True,
        type=click.Choice([x.value for x in Layer]),
        help="Only this layer; repeatable.",
    ),
    click.option("--gpu", metavar="ID", help="One GPU: PCI address, KFD node or index."),
    click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Add or change a setting; repeatable."),
    click.option("--unset", multiple=True, metavar="KEY", help="Leave a setting out; repeatable."),
    click.option("--conv", type=click.Choice(CONVOLUTIONS), help="What runs convolutions; probe: the best one of it."),
    click.option(
        "--gtt-size",
        type=click.IntRange(1, 1024),
        metavar="GIB",
        help="Memory an integrated GPU may map (ttm.pages_limit).",
    ),
)
TRIAL = (
    click.option(
        "--trial",
        type=click.Choice(["on", "off"]),
        help="New kernel options must be confirmed by a boot (default: on, where systemd can take them back).",
    ),
)
NO_INITRAMFS = click.option("--no-initramfs", is_flag=True, help="Do not rebuild the boot image (you will do it).")
OWNER = (click.option("--owner", metavar="all|system|USER", help="Whose part: of all, of the system, of one user."),)
CHANGE = (
    click.option("--yes", is_flag=True, help="Do not ask."),
    click.option("--keep", is_flag=True, help="Leave files alone that somebody changed since."),
    click.option("--overwrite", is_flag=True, help="Replace files that somebody changed since (theirs is kept)."),
    NO_INITRAMFS,
    click.option("-n", "--dry-run", is_flag=True, help="Show what would change and stop."),
)

WISHES = ("profile", "use", "layers", "gpu", "sets", "unset", "gtt_size", "conv")
JOB = (*WISHES, "trial", "gfx", "rocm", "pythons")


@record(frozen=True)
class Manner:
    """How a command talks: the CHANGE and OUTPUT options that say so."""

    as_json: bool
    colour: bool
    yes: bool
    dry_run: bool


def manner(chosen: dict[str, Any]) -> Manner:
    """From the options of CHANGE and OUTPUT."""
    return Manner(chosen["as_json"], not chosen["no_color"], chosen["yes"], chosen["dry_run"])


def with_options(*groups: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    """Decorate a command with groups of shared options, shown in that order."""

    def decorate(command: F) -> F:
        for group in reversed(groups):
            for option in reversed(group):
                command = option(command)
        return command

    return decorate


def sysroot(root: str) -> Sysroot:
    """The root to work on."""
    return Sysroot(root)


def ask(gfx: str | None = None, rocm: str | None = None, pythons: tuple[str, ...] = ()) -> Ask:
    """What detection is told by the user."""
    return Ask(gfx=gfx, rocm=rocm, pythons=pythons)


def job(chosen: dict[str, Any]) -> Job:
    """The job of the REQUEST, FACTS and ``--root`` options, and of CHANGE where the command has them."""
    from rdna_installer.workflow.planning import Job  # YAML comes with it; `detect` needs none

    wishes: dict[str, Any] = {key: chosen.get(key) for key in (*WISHES, "trial")}
    facts = ask(chosen["gfx"], chosen["rocm"], chosen["pythons"])
    return Job(
        sysroot(chosen["root"]),
        facts,
        request(**wishes),
        not chosen.get("no_initramfs", False),
        foreign(chosen),
        owner=chosen.get("owner"),
    )


def words(context: click.Context) -> tuple[str, ...]:
    """The options of a ``job`` as they were given, to ask for the same again."""
    given = []
    for param in context.command.params:
        name = param.name or ""
        if name in JOB and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            values = context.params[name] if param.multiple else (context.params[name],)
            texts = (os.path.abspath(value) if name == "pythons" else str(value) for value in values)
            given += [word for text in texts for word in (param.opts[0], text)]
    return tuple(given)


def undo_job(chosen: dict[str, Any], to: int | None, reason: str | None = None) -> UndoJob:
    """The job of ``rollback`` and ``uninstall``."""
    from rdna_installer.workflow.undoing import UndoJob

    root, initramfs = sysroot(chosen["root"]), not chosen["no_initramfs"]
    return UndoJob(root, to, initramfs, foreign(chosen), reason, chosen["owner"])


def foreign(chosen: dict[str, Any]) -> Foreign:
    """What to do with files somebody else changed. Raises RdnaError for both at once (exit 2)."""
    keep, overwrite = chosen.get("keep", False), chosen.get("overwrite", False)
    if keep and overwrite:
        raise RdnaError("keep-or-overwrite", "--keep and --overwrite exclude each other", exit_code=Exit.USAGE)
    return Foreign.KEEP if keep else Foreign.OVERWRITE if overwrite else Foreign.REFUSE


def request(
    profile: str,
    use: str,
    layers: tuple[str, ...],
    gpu: str | None,
    sets: tuple[str, ...],
    unset: tuple[str, ...],
    gtt_size: int | None = None,
    conv: str | None = None,
    trial: str | None = None,
) -> Request:
    """The request of ``plan`` and ``apply``. Raises RdnaError for a --set without a value (exit 2)."""
    pairs = []
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise RdnaError("bad-set", f"--set {text}: expected KEY=VALUE", exit_code=Exit.USAGE)
        pairs.append((key, value))
    chosen = frozenset(Layer(name) for name in layers) or frozenset(Layer)
    return Request(
        profile=profile,
        use=Use(use),
        layers=chosen,
        gpu=gpu,
        set=tuple(pairs),
        unset=frozenset(unset),
        gtt_gib=gtt_size,
        conv=conv,
        trial=TrialWish(trial or "auto"),
    )
