"""``setup`` for people: the plan before a byte is fetched, in parts that others may add to, and what indexes serve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from rdna_installer.environments.choose import OF_TORCH
from rdna_installer.environments.index import IndexFile
from rdna_installer.knowledge.indexes import WordKind
from rdna_installer.model import Check, Status
from rdna_installer.plan.summary import plural, size
from rdna_installer.report.console import Style
from rdna_installer.workflow.checkouts import UseOf
from rdna_installer.workflow.choosing import Served, SetupPlan
from rdna_installer.workflow.fetching import Room
from rdna_installer.workflow.setting_up import Preview

INDENT = 9
SHOWN = 3  # sets that were passed over
SAYS = {WordKind.AMD: "AMD", WordKind.REPORT: "seen", WordKind.FAULT: "fault"}


def render(plan: SetupPlan, room: Room, found: Preview, style: Style) -> str:
    """The whole plan: ``card``, ``chosen``, ``files``, ``space`` and ``environment`` are its parts. Two screens hold
    it: for who has an environment already, what was decided then is grouped."""
    again = found.replaces is not None
    parts = (
        *(
            card(style, plan, again=again),
            chosen(style, plan, again=again),
            files(style, plan, found.same, again=again),
        ),
        *(space(style, plan, room), environment(style, found)),
    )
    return "\n".join(chain.from_iterable(parts))


def several(items: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are."""
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


def named(style: Style, label: str, texts: Iterable[str]) -> list[str]:
    """Lines below each other beside their label; nothing where there are none."""
    lines = [style.wrap(text, INDENT) for text in texts]
    return [f"{style.paint(f'{label:<{INDENT - 1}}', 'bold')} {lines[0].lstrip()}", *lines[1:]] if lines else []


def card(style: Style, plan: SetupPlan, *, again: bool) -> list[str]:
    """The card, its true target and who says so; what is known of it, ``again``: what is wrong with it."""
    gpu = plan.gpu
    lines = named(style, "Card", [f"{gpu.name or 'AMD GPU'}, target {gpu.gfx} (known from: {gpu.source.value})"])
    words = (word for word in plan.words if not again or word.kind is WordKind.FAULT)
    return lines + named(style, "Known", (f"{SAYS[word.kind]}: {word.says}" for word in words))


def chosen(style: Style, plan: SetupPlan, *, again: bool) -> list[str]:
    """The set, where it is from, and what was not taken; ``again``: of other indexes no more than their names."""
    choice = plan.choice
    about = f"torch {choice.torch} for Python 3.{choice.python[3:]}, {plural(len(choice.files), 'file')}"
    lines = named(style, "Set", [about])
    lines += named(style, "From", [f"{plan.source.label}: {plan.source.place} (read {plan.read})"])
    passed = [f"{item.torch} lacks {'; '.join(item.lacks)}" for item in plan.skipped[:SHOWN]]
    more = [f"and {len(plan.skipped) - SHOWN} more"] if len(plan.skipped) > SHOWN else []
    lines += named(style, "Newer", [*passed, *more])
    lines += named(style, "Tried", (f"{item.source.label}: {item.why[0]}" for item in plan.tried))
    names = [text.partition(":")[0].removeprefix("--index ") for text in plan.others if text.startswith("--index")]
    lines += named(style, "Others", [f"--index {' or '.join(names)}"] if again and names else plan.others)
    return lines + named(style, "Without", choice.left_out)


def files(style: Style, plan: SetupPlan, same: Sequence[str], *, again: bool) -> list[str]:
    """Every file with its version, size and digest; ``again``: those that belong to torch, as far as they are not the
    ``same`` as before, and of the others no more than name and version."""
    held = plan.choice.files
    before = [file for file in held if file.filename in same]
    more = [file for file in held if again and file not in before and not file.name.startswith(OF_TORCH)]
    lines = [f"  {_file(file)}" for file in held if file not in (*before, *more)]
    for what, group in (("as before", before), ("more", more)):
        names = ", ".join(f"{file.name} {file.version}" for file in group)
        lines += [style.wrap(f"{plural(len(group), 'file')} {what}: {names}", 2)] if group else []
    unknown = sum(file.sha256 is None for file in held)
    if unknown:
        whose = "No digests are published" if unknown == len(held) else f"No digest is published of {unknown}"
        lines.append(style.wrap(f"{whose}: recorded on arrival, and held to from then on.", 2))
    if plan.source.place.startswith("http:"):
        lines.append(style.wrap("Plain http: anybody on the way can change the pages and the files.", 2))
    return [style.paint("Files", "bold"), *lines]


def _file(file: IndexFile) -> str:
    version = file.version if len(file.version) <= 25 else f"{file.version[:24]}…"
    much = "?" if file.size is None else size(file.size)
    digest = f"  {file.sha256[:10]}" if file.sha256 else ""
    return f"{file.name[:31]:<31} {version:<25} {much:>9}{digest}"


def space(style: Style, plan: SetupPlan, room: Room) -> list[str]:
    """What is to be fetched, what it becomes, what is free; what is run of it."""
    todo = "nothing is left to fetch" if not room.missing else f"{size(room.missing)} to fetch"
    lines = named(style, "Space", [f"{todo}, about {size(plan.unpacked)} installed, {size(room.free)} free"])
    source = next((file for file in plan.choice.files if file.sdist), None)
    if source is not None:
        text = f"setup.py of {source.filename}, offline, for {plan.gpu.gfx}, never as root"
        lines += named(style, "Runs", [text])
    return lines


def environment(style: Style, found: Preview) -> list[str]:
    """Where it goes and for whom, what it will be told, what it replaces, and how it goes away."""
    lines = named(style, "Goes to", [f"{found.place}, for {found.owner}"])
    lines += named(style, "Sets", [", ".join(f"{s.key}={s.value}" for s in found.settings) or "nothing: it needs none"])
    if found.replaces:
        rest = "its Python is no longer there" if found.gone else "it stays, for rollback"
        lines += named(style, "Instead", [f"of {found.replaces}: {rest}"])
    if found.left:
        lines += named(style, "Left", [f"{several(found.left, 6)}: not taken along; listed in {found.place}.left.txt"])
    if found.used_by:
        lines += named(style, "In use", [f"{several(found.used_by, 4)}: start again afterwards, they use the old one"])
    if found.steps:
        lines += named(style, "System", [*found.steps, "(only uninstall --purge takes that away, and asks)"])
    return lines + named(style, "Notes", found.notes)


def use_of(found: UseOf, style: Style) -> str:
    """How a program uses the environment, and what in its folder speaks against it. Nothing there is edited."""
    lines = [style.paint(found.name, "bold"), f"  {found.start}", style.wrap(found.says, 2)]
    lines += [style.block("Overrides settings", (style.wrap(line, 2) for line in found.overriding))]
    lines += [style.block("Would replace torch, if installed", (style.wrap(line, 2) for line in found.replacing))]
    return "\n".join(filter(None, lines))


def served(items: tuple[Served, ...], style: Style) -> str:
    """What each index serves for a target."""
    return "\n".join(line for item in items for line in _served(item, style))


def _served(item: Served, style: Style) -> list[str]:
    lines = [style.paint(f"{item.source.label}", "bold"), f"  {item.source.place}"]
    lines.append(f"  for {item.target} and Python 3.{item.python[3:]}, read {item.read}")
    if item.problem:
        return [*lines, style.wrap(item.problem, 2, "not asked: ")]
    if not item.sets:
        lines.append("  no torch of this kind")
    for one in item.sets[:10]:
        mark = "complete" if not one.lacks else f"lacks {'; '.join(one.lacks)}"
        lines.append(style.wrap(f"{one.torch}: {mark}", 2))
    if choice := item.choice:
        count, much = len(choice.files), size(sum(file.size or 0 for file in choice.files))
        beside = f"digests of {item.hashes}, METADATA beside {item.metadata}"
        text = f"newest complete set: {choice.torch}, {plural(count, 'file')}, {much}; {beside} of {count}"
        lines += [style.wrap(text, 2), *(style.wrap(f"without {why}", 2) for why in choice.left_out)]
    if item.refused:
        lines.append(style.wrap(f"names that were refused: {', '.join(item.refused[:5])}", 2))
    return lines


def done(python: str, checks: Sequence[Check], style: Style) -> str:
    """What was proved, and what could not be; then how to go on."""
    lines = []
    for check in checks:
        if check.status is Status.OK:
            lines.append(style.wrap(f"Computed on the card, forwards and backwards: {check.running}."))
        elif check.status in (Status.FAILED, Status.MISMATCH):
            lines.append(style.wrap(f"On the card it does not compute right: {check.running}. {check.hint or ''}"))
        else:
            lines.append(style.wrap(f"Not proved: that this card computes right ({check.hint})."))
    return "\n".join([*lines, "Run your program with:", f"  {python} app.py"])
