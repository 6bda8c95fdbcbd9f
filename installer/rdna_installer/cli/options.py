"""Options several commands share, and the data they become."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from rdna_installer.cli import helping
from rdna_installer.cli.document import Document
from rdna_installer.detect.host import Ask
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import EXPIRED, run
from rdna_installer.machine.sysroot import Sysroot, from_here
from rdna_installer.model import USUAL, Layer, OnDrift, Request, TrialWish, Use
from rdna_installer.record import record

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from rdna_installer.workflow.planning import Job
    from rdna_installer.workflow.rolling_back import RollbackJob

ROOT_LIMIT = 20.0  # seconds for the first answer of --root: a mount may hang for ever
CONVOLUTIONS = ("native", "no-miopen", "gemm", "cpu", "probe")

Option = Callable[[Callable[..., int]], Callable[..., int]]


def _note_root(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The one before the command is the default; ``app.main`` is told whose log the details of a bug belong to."""
    document = Document.here(ctx)
    if ctx.get_parameter_source("root") is not ParameterSource.DEFAULT:
        code = run(["test", "-d", from_here(value)], timeout=ROOT_LIMIT).code
        if code == EXPIRED:
            raise click.BadParameter(f"its mount gave no answer in {ROOT_LIMIT:.0f} seconds: {value}", ctx, param)
        if code:
            raise click.BadParameter(f"there is no directory {value}", ctx, param)
        document.root = value
    return document.root


class AnyPath(click.ParamType):  # type: ignore[type-arg]  # click of Debian 12 takes none
    """Completed as a path, and not looked at: click.Path would wait on a mount that hangs."""

    def __init__(self, name: str = "path") -> None:
        self.name = name  # or "directory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As it is. Raises click.BadParameter for an empty one, before anything takes it for the working directory."""
        helping.refuse_empty(value, param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Left to the shell."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="dir" if self.name == "directory" else "file")]


def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What a Tab completes: targets, profiles, settings and everything that can be explained, by the option's name."""
    from rdna_installer.knowledge.explain import known_keys
    from rdna_installer.knowledge.load import load_book

    book = load_book()
    keys = sorted({*book.env, *book.kernel})
    words = {
        "gfx": sorted(book.targets.targets),
        "profile": book.profile_names,
        "sets": [f"{key}=" for key in keys],
        "unset": keys,
        "key": known_keys(book),
    }
    return [word for word in words[param.name or ""] if word.startswith(incomplete)]


def offered_changes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The numbers of ``history`` that can be gone back to, the latest first."""
    from rdna_installer.workflow.inspecting import read_history

    histories = read_history(Sysroot(Document.here(ctx).root))
    known = {g.number for each in histories for g in each.generations if g.number not in each.lost} | {0}
    return [str(number) for number in sorted(known, reverse=True) if str(number).startswith(incomplete)]


offering = functools.partial(click.option, shell_complete=offered)
ROOT = click.option(
    "--root", type=AnyPath("directory"), default="/", callback=_note_root, help="Work on another root directory."
)
FORM = (
    click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
    click.option("--no-color", is_flag=True, help="No colours, also on a terminal."),
    click.option("--no-pager", is_flag=True, help="Not through a pager (PAGER, less) what is longer than the screen."),
)
OUTPUT = (*FORM, ROOT)
USE = click.option("--use", type=click.Choice([u.value for u in Use]), default="both", help="What you do with it.")
GPU = click.option("--gpu", metavar="ID", help="One GPU: PCI address, KFD node or index.")
LENGTH, SWITCH = click.Choice(["short", "full"]), click.Choice(["on", "off"])
LAYERS, GIB = click.Choice([x.value for x in Layer]), click.IntRange(1, 1024)
DIFF = (click.option("--diff", type=LENGTH, is_flag=False, flag_value="full", help="Show all of it: each file."),)
DRY_RUN = click.option("-n", "--dry-run", is_flag=True, help="Show what would change and stop.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")
FACTS = (
    offering("--gfx", metavar="NAME", help="The target (gfx1010) or card ('RX 5600 XT'), where it cannot be detected."),
    click.option("--rocm", metavar="VERSION", help="The ROCm version, where it cannot be detected."),
    click.option("--python", "pythons", type=AnyPath(), multiple=True, help="An interpreter or venv; repeatable."),
)
REQUEST = (
    offering("--profile", default="recommended", metavar="NAME", help="A set of settings (default: recommended)."),
    USE,
    click.option("--layer", "layers", multiple=True, type=LAYERS, help="Only this layer; repeatable."),
    GPU,
    offering("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Add or change a setting; repeatable."),
    offering("--unset", multiple=True, metavar="KEY", help="Leave a setting out; repeatable."),
    click.option("--conv", type=click.Choice(CONVOLUTIONS), help="What runs convolutions; probe: the best one of it."),
    click.option("--gtt-size", type=GIB, metavar="GIB", help="Memory an integrated GPU may map (ttm.pages_limit)."),
)
ON_TRIAL = "Try new kernel options for one boot, and go back if it fails (default: on, where systemd can)."
TRIAL = (click.option("--trial", type=SWITCH, help=ON_TRIAL),)
SERVICE = (
    click.option(
        "--service",
        "services",
        multiple=True,
        metavar="UNIT",
        help="A service or quadlet, too; --set is for it then; repeatable.",
    ),
)
NO_INITRAMFS = click.option("--no-initramfs", is_flag=True, help="Do not rebuild the boot image (you will do it).")
OWNER = (click.option("--owner", metavar="all|system|USER", help="Whose part: of all, of the system, of one user."),)
CHANGE = (
    YES,
    click.option("--restart", multiple=True, metavar="UNIT", help="Start this changed service again; repeatable."),
    click.option("--keep", is_flag=True, help="Leave files alone that were changed since."),
    click.option("--overwrite", is_flag=True, help="Replace files that were changed since (they are saved)."),
    NO_INITRAMFS,
    DRY_RUN,
    *DIFF,
)

JOB = (
    "profile",
    "use",
    "layers",
    "services",
    "gpu",
    "sets",
    "unset",
    "gtt_size",
    "conv",
    "trial",
    "gfx",
    "rocm",
    "pythons",
)


@record(frozen=True)
class Chosen:
    """The shared options as they were given; an option that a command does not have keeps its default here."""

    profile: str = "recommended"
    use: str = Use.BOTH.value
    layers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    gpu: str | None = None
    sets: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    gtt_size: int | None = None
    conv: str | None = None
    trial: str | None = None
    gfx: str | None = None
    rocm: str | None = None
    pythons: tuple[str, ...] = ()
    root: str = "/"
    owner: str | None = None
    as_json: bool = False
    no_color: bool = False
    no_pager: bool = False
    yes: bool = False
    dry_run: bool = False
    keep: bool = False
    overwrite: bool = False
    no_initramfs: bool = False
    restart: tuple[str, ...] = ()
    diff: str | None = None

    @property
    def colour(self) -> bool:
        """Whether colours may be used."""
        return not self.no_color

    @property
    def whole(self) -> bool:
        """Whether nothing is folded."""
        return self.diff == "full"

    def command(self, name: str, words: Sequence[str] = ()) -> str:
        """A command of ours on the same root, as it is typed."""
        import shlex  # where one is shown

        where = () if self.root == "/" else ("--root", self.root)
        return shlex.join(["rdna-installer", name, *words, *where])

    @property
    def sysroot(self) -> Sysroot:
        """The root to work on."""
        return Sysroot(self.root)

    @property
    def ask(self) -> Ask:
        """What detection is told by the user."""
        return Ask(gfx=self.gfx, rocm=self.rocm, pythons=self.pythons, services=self.services)


SHARED = frozenset(Chosen.__annotations__)


def chosen_of(params: Mapping[str, Any]) -> Chosen:
    """Click's parameters as the shared options they are."""
    return Chosen(**{name: value for name, value in params.items() if name in SHARED})


def name_of(context: click.Context) -> str:
    """The command as it is typed: "cache clear"."""
    above = name_of(context.parent) if context.parent else ""
    return f"{above} {context.command.name}".strip() if context.parent else ""


def with_options(*groups: tuple[Option, ...]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Decorate a command with groups of shared options, shown in that order; it gets them as one ``Chosen``."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def called(**params: Any) -> int:
            document = Document.here()
            document.command = name_of(click.get_current_context())
            if "root" not in params and document.root != "/":
                raise click.UsageError(f"{document.command} works on the running system only: it has no --root")
            own = {name: value for name, value in params.items() if name not in SHARED}
            return command(chosen_of(params), **own)

        whole: Callable[..., int] = called
        for option in (option for group in reversed(groups) for option in reversed(group)):
            whole = option(whole)
        return whole

    return decorate


def job(chosen: Chosen) -> Job:
    """The job of ``plan`` and its relatives."""
    from rdna_installer.workflow.planning import Job  # YAML comes with it; `detect` needs none

    initramfs = not chosen.no_initramfs
    return Job(
        chosen.sysroot,
        chosen.ask,
        request(chosen),
        initramfs,
        on_drift(chosen),
        owner=chosen.owner,
        restart=chosen.restart,
    )


def words(context: click.Context) -> tuple[str, ...]:
    """The options of a ``job`` as they were given, to ask for the same again."""
    given = []
    for param in context.command.params:
        name = param.name or ""
        if name in JOB and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            values = context.params[name] if param.multiple else (context.params[name],)
            texts = (from_here(value) if name == "pythons" else str(value) for value in values)
            given += [word for text in texts for word in (param.opts[0], text)]
    return tuple(given)


def rollback_job(chosen: Chosen, to: int | None, reason: str | None = None) -> RollbackJob:
    """The job of ``rollback`` and ``uninstall``."""
    from rdna_installer.workflow.rolling_back import RollbackJob

    return RollbackJob(
        chosen.sysroot, to, not chosen.no_initramfs, on_drift(chosen), reason, chosen.owner, chosen.restart
    )


def on_drift(chosen: Chosen) -> OnDrift:
    """What to do with files somebody else changed. Raises RdnaError for both at once (exit 2)."""
    if chosen.keep and chosen.overwrite:
        raise RdnaError("keep-or-overwrite", "--keep and --overwrite exclude each other", exit_code=Exit.USAGE)
    return OnDrift.KEEP if chosen.keep else OnDrift.OVERWRITE if chosen.overwrite else OnDrift.REFUSE


def request(chosen: Chosen) -> Request:
    """What is wished of this machine. Raises RdnaError for a --set without a value, and no service named (exit 2)."""
    pairs = []
    for text in chosen.sets:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise RdnaError("bad-set", f"--set {text}: expected KEY=VALUE", exit_code=Exit.USAGE)
        pairs.append((key, value))
    return Request(
        profile=chosen.profile,
        use=Use(chosen.use),
        layers=_layers(chosen),
        gpu=chosen.gpu,
        set=tuple(pairs),
        unset=frozenset(chosen.unset),
        gtt_gib=chosen.gtt_size,
        conv=chosen.conv,
        trial=TrialWish(chosen.trial or "auto"),
    )


def _layers(chosen: Chosen) -> frozenset[Layer]:
    """Those chosen, else the usual ones; and services where one is named."""
    named = frozenset(Layer(name) for name in chosen.layers)
    if Layer.SERVICES in named and not chosen.services:
        hint = "name each of them: rdna-installer plan --layer services --service ollama"
        raise RdnaError(
            "no-service-named", "--layer services changes named services only", hint=hint, exit_code=Exit.USAGE
        )
    return (named or USUAL) | ({Layer.SERVICES} if chosen.services else frozenset())
