"""``explain PATH``: what each line of a configuration file does on this machine, ours or somebody's. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer.amd.case import case_of
from rdna_installer.detect import modprobe
from rdna_installer.detect.dotfiles import dialect, read_as
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.explain import Explanation
from rdna_installer.knowledge.load import Book
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, ModprobeNote, ModprobeOption, Request
from rdna_installer.parameter import spell
from rdna_installer.plan.conflicts import Foreign
from rdna_installer.plan.foreign import WORDS, Found, judge_all
from rdna_installer.workflow.foreign import asked_keys, informed
from rdna_installer.workflow.owners import find_owners

LIMIT = 1 << 20  # bytes of a file; a configuration is a thousandth of it


def explain_file(root: Sysroot, key: str, book: Book) -> Explanation:
    """What every line of a file sets, with the answer of the judge. Raises RdnaError("cannot-read")."""
    user = invoking_user(root)
    path = PurePosixPath(str(user.home) + key[1:] if key.startswith("~") else key)
    try:
        text = look(lambda: root.read_text(path, limit=LIMIT), str)  # bounded: it may lie on a mount that hangs
    except OSError as err:
        said = f"{path} cannot be read: {err.strerror}"
        raise RdnaError("cannot-read", said, exit_code=Exit.USAGE) from err
    facts = detect(root, Ask())
    mine = [g for owner in find_owners(root, user, facts.sites) if (g := owner.current())]
    settings = tuple(s for generation in mine for s in generation.settings)
    items = _items(str(path), text)
    facts = informed(root, facts, asked_keys(facts, book, Request(), items))
    found = judge_all(items, case_of(facts, book, ours=settings))
    by = {(s.key, s.value): s.rule for s in settings}
    lines = [(each.item.source, _said(each, by)) for each in found]
    evidence = dict.fromkeys(e for each in found for e in each.judged.evidence)
    related = dict.fromkeys(each.judged.source for each in found if not each.judged.mute)
    nothing = [] if lines else [("nothing", "no line of it sets anything for the GPU")]
    facts_shown = (*_ours(path, mine), *lines, *nothing)
    summary = "another program's or person's file; each line about the GPU, judged for this machine"
    if any(managed.path == path for generation in mine for managed in generation.managed):
        summary = "written by rdna-installer; an edit is shown by `rdna-installer status`"
    return Explanation("file", str(path), summary, facts_shown, tuple(evidence), (), tuple(related))


def _said(found: Found, by: Mapping[tuple[str, str], str]) -> str:
    item, judged = found.item, found.judged
    rule = by.get((item.key, item.value))
    ours = f" (set by {rule})" if rule else ""
    return f"{item.key}={item.value}{ours} is {WORDS[judged.answer]}: {judged.reason}"


def _ours(path: PurePosixPath, mine: Iterable[Generation]) -> Iterator[tuple[str, str]]:
    """What a Python site's hook sets: its values stand in the generation, its code is not parsed."""
    for generation in mine:
        sites = {m.path.parent for m in generation.managed if m.path == path and "python" in str(m.path)}
        for setting in generation.settings if sites else ():
            if setting.site is not None:
                yield f"in {setting.site}", f"{setting.key}={setting.value}, by {setting.rule}"


def _items(path: str, text: str) -> list[Foreign]:
    if path.endswith(("/cmdline", "/default/grub")) or "/grub.d/" in path or "/loader/entries/" in path:
        lines = enumerate(text.replace('"', " ").replace("'", " ").splitlines(), 1)
        plain = [(line, f"{path}:{n}") for n, line in lines if line.lstrip()[:1] != "#"]
        return [i for t, at in plain for i in _options(modprobe.parse_cmdline(t), at)]
    if "/modprobe.d/" in path or text.lstrip().startswith("options "):
        return list(_options(modprobe.parse_conf(text, path), None))
    found = read_as(dialect(path), text)
    return [Foreign(a.key, a.value, f"{path}:{a.line}") for a in found if a.value is not None]


def _options(found: Iterable[ModprobeOption | ModprobeNote], path: str | None) -> Iterator[Foreign]:
    for option in found:
        if isinstance(option, ModprobeOption):
            yield Foreign(spell(option.module, option.key), option.value, path or option.source)
