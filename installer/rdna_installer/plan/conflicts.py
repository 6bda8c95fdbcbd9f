"""What somebody else sets: a variable, or an option of the GPU's modules; it is shown and never fought over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rdna_installer.model import Conflict, HostFacts, Layer, ModprobeNote, ModprobeOption, Setting
from rdna_installer.parameter import misspelt, same_value, spell, split
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.amd.case import Consumer

OURS = {
    *("rdna-installer.conf", "rdna-installer-trial.conf", "rdna-installer.sh", "rdna-installer.fish"),
    "60-rdna-installer.conf",
}
MODULES = ("amdgpu", "ttm", "amdttm", "")  # "": an argument of the kernel's own
PREFIXES = ("HSA_", "HIP_", "ROCR_", "MIOPEN_", "PYTORCH_", "TORCH_", "AMD", "GPU_", "ROCBLAS_", "CUDA_V", "LD_L")
IN_LIBRARIES = ("MIOPEN_", "HIP_", "AMD_", "GPU_", "ROCBLAS_")  # as in check/libraries.py, which is loaded for these
OUR_FILE = "rdna-installer.conf"


@record(frozen=True)
class Foreign:
    """One assignment of somebody else. ``source`` is file:line, or the session (which does not last)."""

    key: str
    value: str
    source: str
    lasting: bool = True
    site: str | None = None  # the Python it is for, where it is for just one
    note: str = ""  # what is to be said of the place
    program: Consumer | None = None  # one with kernels of its own, where it is for that


def is_ours(source: str) -> bool:
    """Whether a file (also file:line) is one that this program writes: by its whole name."""
    return source.startswith("/") and source.rpartition("/")[2].partition(":")[0] in OURS


def kernel_options(facts: HostFacts) -> Iterator[Foreign]:
    """Others' options of the GPU's modules, in modprobe.d and on the kernel command line."""
    for option in facts.modprobe:
        if (option.module in MODULES or misspelt(option.module)) and not is_ours(option.source):
            yield Foreign(spell(option.module, option.key), option.value, option.source)


@record(frozen=True)
class Others:
    """``conflicts`` stop apply; ``warnings`` are worth knowing."""

    conflicts: tuple[Conflict, ...]
    warnings: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it in a line each, for a command that has nothing to stop."""
        return (*(f"{c.source} sets {c.key}={c.found}: {c.hint}" for c in self.conflicts), *self.warnings)


def find_conflicts(facts: HostFacts, settings: Iterable[Setting]) -> Others:
    """Who else sets the kernel options among ``settings``, and what keeps them from acting."""
    wanted = {split(s.key): s for s in settings if s.layer is Layer.KERNEL}
    conflicts, said = [], []
    for option in facts.modprobe:
        setting = wanted.get((option.module, option.key))
        if setting is None or is_ours(option.source):
            continue
        if same_value(setting.value, option.value):
            same = f"{setting.key}={option.value}"
            said.append(f"{option.source} sets {same} as well: it stays after a rollback")
        else:
            conflicts.append(_conflict(setting, option))
    modules = {module for module, _ in wanted}
    for note in facts.modprobe_notes:
        if not is_ours(note.source) and (note.kind == "unreadable" or note.module in modules):
            said += _noted(note)
    return Others(tuple(conflicts), tuple(dict.fromkeys(said)))


def _conflict(setting: Setting, option: ModprobeOption) -> Conflict:
    theirs = f"{option.key}={option.value}"
    word = theirs if option.source.startswith("/") else f"{option.module}.{theirs}"
    way = f"remove `{word}` there, or keep it with --unset {setting.key}"
    return Conflict(setting.key, setting.value, option.value, option.source, f"{_winner(option)}: {way}")


def _winner(option: ModprobeOption) -> str:
    """Of the same option in two places the kernel takes the last; files are read in the order of their names."""
    if option.source.startswith("/"):
        name = option.source.rpartition(":")[0].rpartition("/")[2]
        if name.encode("utf-8", "surrogateescape") < OUR_FILE.encode():
            return f"rdna-installer's value would replace the one in {option.source}"
    return f"{option.source} overrides this setting"


EFFECTS = {
    "install": "the command there loads {module}, or not, with its own options",
    "blacklist": "{module} is not loaded by itself at boot, so its options do not act then",
    "dotted": "this line has no effect (a dot instead of a blank after {module})",
}


def _noted(note: ModprobeNote) -> Iterator[str]:
    if note.kind == "unreadable":
        yield f"{note.source} cannot be read ({note.text}): whether it sets the same options is unknown"
    elif note.kind in EFFECTS:
        yield f"{note.source}: `{note.text}`: {EFFECTS[note.kind].format(module=note.module)}"
