"""What `setup` would fetch: the card, the indexes in their order, the newest complete set of the first that has one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from rdna_installer.environments.choose import Asking, Choice, Found, Skipped, choose, survey
from rdna_installer.environments.lock import Layout
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.indexes import Asked, Channel, Word, indexes
from rdna_installer.machine.net import Net
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Gpu
from rdna_installer.record import record, replace
from rdna_installer.workflow.shelves import FolderShelf, Shelf, Source, WebShelf

UNPACKED = 3.5  # times what is fetched (ultralytics#24137: 1.6 to 2.1 GB become 5.7 to 6.2)


@record(frozen=True)
class Tried:
    """An index that has nothing for this, and why."""

    source: Source
    why: tuple[str, ...]


@record(frozen=True)
class SetupPlan:
    """What would be fetched. ``read``: the day the pages were read; ``words``: what is known of the target; ``others``:
    the ways that were not taken."""

    gpu: Gpu
    source: Source
    choice: Choice
    skipped: tuple[Skipped, ...]
    tried: tuple[Tried, ...]
    words: tuple[Word, ...]
    read: str
    others: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files; those of unknown size count nothing."""
        return sum(file.size or 0 for file in self.choice.files)

    @property
    def unpacked(self) -> int:
        """Bytes they need when they are installed, about."""
        return int(self.size * UNPACKED)


def sources(asking: Asking) -> tuple[Source, ...]:
    """The indexes to try, best first. Raises RdnaError("net-address") for one that is none."""
    known = indexes().channels
    if asking.wheels is not None:
        return (Source("a folder of wheels", str(asking.wheels), early=True),)
    if asking.index is None:
        return tuple(map(_source, (c for c in known if c.kind is Asked.ASKED)))
    url = asking.index if asking.index.endswith("/") else f"{asking.index}/"
    for channel in known:
        if asking.index == channel.id or url == channel.url:
            return (_source(channel),)
    if not asking.index.startswith(("https://", "http://")):
        names = ", ".join(channel.id for channel in known)
        hint = "name the address of an index, which begins with https://"
        raise RdnaError("net-address", f"--index {asking.index}: no address and none of {names}", hint=hint)
    return (Source("the index you named", url, early=asking.early),)


def _source(channel: Channel) -> Source:
    split = channel.layout if channel.layout == Layout.SPLIT.value else None
    return Source(channel.says, channel.url, split, bool(channel.early))


def network(asking: Asking) -> Net:
    """The way out: the host that was named may be asked by plain HTTP."""
    try:
        host = urlsplit(asking.index or "").hostname
    except ValueError:  # said when it is asked
        host = None
    return Net(frozenset({host} if host else ()))


def _asked(root: Sysroot, net: Net, asking: Asking, source: Source) -> tuple[Shelf, Asking, Found]:
    """What a source has, with sizes. Raises RdnaError("no-wheels", "net-…", …)."""
    place = source.place
    here = FolderShelf(root, PurePosixPath(place)) if place.startswith("/") else WebShelf(net, place)
    wish = replace(asking, layout=Layout(source.layout) if source.layout else None, early=source.early or asking.early)
    found = choose(here, wish)
    if found.choice is not None:
        found = replace(found, choice=replace(found.choice, files=tuple(map(here.sized, found.choice.files))))
    return here, wish, found


def plan(root: Sysroot, net: Net, asking: Asking) -> SetupPlan:
    """The newest complete set of the first index that has one. Raises RdnaError("no-set", "net-…", …)."""
    tried: list[Tried] = []
    unasked: list[RdnaError] = []
    for source in sources(asking):
        try:
            _, _, found = _asked(root, net, asking, source)
        except RdnaError as err:
            unasked.append(err)
            tried.append(Tried(source, (err.message,)))
            continue
        if found.choice is not None:
            words = () if asking.cpu else indexes().about(asking.gpu.gfx)
            about = (asking.gpu, source, found.choice, found.skipped, tuple(tried), words, today())
            return SetupPlan(*about, others(asking, (source, *(item.source for item in tried))))
        tried.append(Tried(source, why_none(found, asking)))
    if len(unasked) == len(tried):
        raise unasked[0]
    raise _no_set(tried, asking)


def others(asking: Asking, asked: Sequence[Source]) -> tuple[str, ...]:
    """The indexes that were not asked, and why, a line each."""
    places, gfx = {source.place for source in asked}, asking.gpu.gfx
    left = [channel for channel in indexes().channels if channel.url not in places]
    has = [f"--index {c.id}: {c.says}" for c in left if gfx in c.targets]
    without = [channel.id for channel in left if gfx not in channel.targets and channel.layout != Layout.CPU.value]
    return (*has, *([f"no kernels for {gfx}: {', '.join(without)}"] if without else []))


def why_none(found: Found, asking: Asking) -> tuple[str, ...]:
    """Why an index has nothing for this."""
    if not found.pythons:
        of, given = "the processor" if asking.cpu else "ROCm", f" ({asking.torch})" if asking.torch else ""
        return (f"it has no torch for {of}, or does not give it{given}",)
    python = asking.here.python
    if python not in found.pythons and not any(name.startswith("py") for name in found.pythons):
        others = ", ".join(f"3.{name[3:]}" for name in found.pythons)
        return (f"it has no torch for Python 3.{python[3:]}, but for {others}",)
    return tuple(f"{item.torch} lacks {'; '.join(item.lacks)}" for item in found.skipped[:4])


def _no_set(tried: Sequence[Tried], asking: Asking) -> RdnaError:
    told = "; ".join(f"{item.source.label}: {item.why[0]}" for item in tried)
    message = f"there is no complete set of wheels for {asking.gpu.gfx} and Python 3.{asking.here.python[3:]}. {told}"
    pythons = any("but for" in why for item in tried for why in item.why)
    other = "name such a Python, if there is one here: --python PATH; " if pythons else ""
    hint = f"{other}other ways for this card: rdna-installer advise --gfx {asking.gpu.gfx}"
    return RdnaError("no-set", message, hint=hint)


def today() -> str:
    """The day, as ISO has it."""
    return datetime.now(timezone.utc).date().isoformat()


@record(frozen=True)
class Served:
    """What an index serves for a target, to be sent to somebody. ``problem``: why it could not be asked."""

    source: Source
    target: str
    python: str
    read: str
    sets: tuple[Skipped, ...]
    choice: Choice | None
    hashes: int
    metadata: int
    refused: tuple[str, ...]
    problem: str | None = None


def check(root: Sysroot, net: Net, asking: Asking) -> tuple[Served, ...]:
    """What every source serves; read-only, and one that cannot be asked is an answer too."""
    return tuple(_check(root, net, asking, source) for source in sources(asking))


def _check(root: Sysroot, net: Net, asking: Asking, source: Source) -> Served:
    about = (source, asking.gpu.gfx, asking.here.python, today())
    try:
        here, wish, found = _asked(root, net, asking, source)
        sets = survey(here, wish)
    except RdnaError as err:
        return Served(*about, (), None, 0, 0, (), err.message)
    files = found.choice.files if found.choice else ()
    hashed = sum(file.sha256 is not None for file in files)
    beside = sum(file.metadata is not None for file in files)
    return Served(*about, sets, found.choice, hashed, beside, tuple(dict.fromkeys(here.refused)))
