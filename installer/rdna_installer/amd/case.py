"""What is judged: the machine, its GPUs, the programs on it, what was measured, and what we set ourselves."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.amd.kernels import Kernels, kernels_of
from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.knowledge.rules import Rule
from rdna_installer.knowledge.targets import Targets
from rdna_installer.model import Gpu, HostFacts, PythonSite, Request, Setting, Torch
from rdna_installer.record import record

ASKED = ("--set", "--conv", "--gtt-size")  # a wish of the user proves nothing about a value


def main_gpus(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """The discrete ones; where there is none, all."""
    return tuple(gpu for gpu in gpus if not gpu.integrated) or gpus


def describe(gpu: Gpu) -> str:
    """One GPU in a few words: target, name, where it is."""
    place = [f"PCI {gpu.pci}"] if gpu.pci else []
    if gpu.kfd_node is not None:
        place.append(f"KFD node {gpu.kfd_node}")
    name = f" ({gpu.name})" if gpu.name else ""
    return f"{gpu.gfx}{name}{' at ' + ', '.join(place) if place else ''}{', integrated' if gpu.integrated else ''}"


@record(frozen=True)
class Judged:
    """The answer for one value. ``source`` is a rule or catalogue key that ``explain`` takes; ``evidence`` its sources.

    ``malformed``: the text itself is refused by what reads it. ``site``: the program it is about, if it is about one.
    ``mute``: it says nothing that its reader does not know.
    """

    answer: Answer
    reason: str
    source: str
    evidence: tuple[Evidence, ...] = ()
    site: str | None = None
    malformed: bool = False
    mute: bool = False

    @property
    def url(self) -> str | None:
        """The address of the best evidence."""
        return max(self.evidence, key=lambda e: e.strength.rank).url if self.evidence else None

    @property
    def harmful(self) -> bool:
        """Whether it should be taken away."""
        return self.answer is Answer.HARMFUL

    @property
    def worth_saying(self) -> bool:
        """Whether somebody who set the value should hear of it."""
        return self.answer is not Answer.RIGHT and not self.mute

    @property
    def said(self) -> str:
        """The reason with its source, for one line."""
        return f"{self.reason} [{self.url}]" if self.url else self.reason


@record(frozen=True)
class Measured:
    """What a probe of this very machine and software found about a rule; ``site`` None: for the machine."""

    rule: str
    site: str | None
    passed: bool


@record(frozen=True)
class Consumer:
    """A program that uses the GPU: the kernels it ships, and the place of its configuration with its owner.
    Today each is the torch of a site; without a site it stands for one that somebody might install."""

    kernels: Kernels
    site: PythonSite | None = None

    @property
    def python(self) -> str | None:
        """Its name in settings and verdicts."""
        return str(self.site.python) if self.site else None

    @property
    def torch(self) -> Torch | None:
        """What is installed there."""
        return self.site.torch if self.site else None


@record(frozen=True)
class Case:
    """One machine and what is wished of it.
    ``gpus`` are those decided for (``facts.gpus`` has all), ``ours`` what this program sets."""

    facts: HostFacts
    book: Book
    request: Request
    gpus: tuple[Gpu, ...]
    ours: tuple[Setting, ...] = ()
    measured: tuple[Measured, ...] = ()

    @property
    def targets(self) -> Targets:
        """What is known of all gfx targets."""
        return self.book.targets

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Those of ``recommended`` and of the profile."""
        return (*self.book.rules, *self.book.profile(self.request.profile).rules)

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """The torches built for ROCm."""
        return tuple(self.consumer(site) for site in self.facts.sites if site.torch is not None and site.torch.for_rocm)

    def consumer(self, site: PythonSite) -> Consumer:
        """A site with the kernels of its torch."""
        return Consumer(kernels_of(site, self.facts, self.targets), site)

    def contexts(self, consumer: Consumer | None) -> Iterator[Context]:
        """What conditions are judged on, for each GPU decided for."""
        for gpu in self.gpus:
            yield Context(self, gpu, consumer)

    def own(self, key: str, value: str, site: str | None) -> Setting | None:
        """Our own setting of just this value here, where a rule or a profile stands behind it."""
        same = (s for s in self.ours if (s.key, s.value) == (key, value) and s.site in (None, site))
        return next((s for s in same if s.rule not in ASKED), None)


@record(frozen=True)
class Context:
    """One GPU of a machine, seen from one program (None: the machine as a whole)."""

    case: Case
    gpu: Gpu
    consumer: Consumer | None = None

    @property
    def site(self) -> PythonSite | None:
        """Where the program's configuration lies."""
        return self.consumer.site if self.consumer else None

    @property
    def python(self) -> str | None:
        """The program's name in settings and verdicts."""
        return self.consumer.python if self.consumer else None

    @property
    def has_kernels(self) -> bool | None:
        """Whether the program has kernels for the GPU itself."""
        return self.runs(self.gpu.gfx)

    def runs(self, gfx: str) -> bool | None:
        """Whether the program has kernels for a target; None where nobody can tell, or there is no program."""
        return self.consumer.kernels.run_on(gfx, self.case.targets) if self.consumer else None


def case_of(facts: HostFacts, book: Book, request: Request | None = None, ours: tuple[Setting, ...] = ()) -> Case:
    """A machine as it is judged where nobody names a GPU."""
    return Case(facts, book, request or Request(), main_gpus(facts.gpus), ours)
