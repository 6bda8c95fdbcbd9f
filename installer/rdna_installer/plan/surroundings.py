"""What kind of system this is, as far as it decides what can be set here and what elsewhere. Pure.

Where /etc/modprobe.d is the wrong place for kernel options they are refused, with the snippet to use there. The texts
are knowledge (systems.yaml), read where there is something to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdna_installer.errors import RdnaError
from rdna_installer.model import HostFacts, Layer, Setting
from rdna_installer.printable import Lines, printable
from rdna_installer.record import record


@record(frozen=True)
class System:
    """What is said of one kind: to its owner, and where kernel options are refused: ``why``, and what to do instead."""

    says: str | None
    why: str
    instead: str


def _known(kind: str) -> tuple[System, str]:
    """A kind of system, and how options are put on a command line."""
    from rdna_installer.knowledge.fields import Fields
    from rdna_installer.knowledge.shipped import shipped

    fields = Fields(shipped("systems"), "systems")
    known = fields.mapping("systems")
    return Fields(known.get(kind, known["other"]), kind).record(System), fields.text("command_line")


def surroundings(facts: HostFacts) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of each thing about this system that its owner should know."""
    for kind in ("wsl" if facts.wsl else None, facts.immutable, "container" if facts.container is not None else None):
        if kind is not None and (says := _known(kind)[0].says):
            yield kind, says.replace("{container}", facts.container or "")


def refuse_kernel_layer(facts: HostFacts, settings: Iterable[Setting]) -> RdnaError | None:
    """Why kernel options cannot be installed by modprobe.d on this machine, or None. Pure."""
    words = [printable(_boot_word(s)) for s in settings if s.layer is Layer.KERNEL]
    kind = "wsl" if facts.wsl else "container" if facts.container is not None else facts.immutable
    if kind is None and (facts.amdgpu.builtin or _running_is_builtin(facts)):
        kind = "builtin"
    if not words or kind is None:
        return None
    system, command_line = _known(kind)
    hint = system.instead.format(
        command_line=command_line.format(options=" ".join(words)),
        append=" ".join(f"--append-if-missing={word}" for word in words),
        nix=" ".join(f'"{word}"' for word in (word.replace('"', '\\"') for word in words)),
        toml=", ".join(f"'{word}'" for word in words),
    )
    why = system.why.replace("{container}", facts.container or "")
    message = f"kernel options cannot be installed by this program: {why}"
    return RdnaError(f"kernel-layer-{kind}", message, hint=Lines(hint))


def _running_is_builtin(facts: HostFacts) -> bool:
    """The running kernel, or below a root every kernel, has amdgpu built in."""
    mine = [k for k in facts.kernels if facts.running_kernel in (None, k.release)]
    return bool(mine) and all(k.amdgpu == "builtin" for k in mine)


def _boot_word(setting: Setting) -> str:
    from rdna_installer.parameter import split  # detect only describes: it has no setting to spell

    module, name = split(setting.key)
    value = f'"{setting.value}"' if " " in setting.value else setting.value
    return f"{module}.{name}={value}"
