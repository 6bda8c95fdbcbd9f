"""What people are told to do can be done: at most one command, alone at the end of its hint, that exists."""

from __future__ import annotations

import re
import shutil

import click
import hints
import pytest

from rdna_installer.cli.app import ALIASES, COMMANDS, Commands
from rdna_installer.printable import TYPED

PROGRAMS = frozenset(  # that a hint may name: the first words of what is typed
    re.findall(
        r"\S+",
        "amd-smi apt apt-get ausearch awk bash cat chmod chown conda cp curl dmesg docker dracut env eval "
        "export flatpak git grep head id journalctl loginctl ls lspci mkinitcpio modinfo modprobe mv "
        "nixos-rebuild nproc pacman pip podman poweroff printenv python python3 rocminfo rpm-ostree rocm-smi setsebool "
        "systemctl tail udevadm uname unset update-initramfs usermod ",
    )
)
IN_WORDS = re.compile(rf"`[^`]* [^`]*`|\brdna-installer ({'|'.join(COMMANDS)})\b|\bsudo ({'|'.join(PROGRAMS)}) ")
QUOTED = re.compile(r"`\{x\}`|`(install|blacklist|options) [^`]*`")  # a line of somebody's file, no command
DOES = re.compile(
    r"(?:^|\{x\}|[.;,:(] (?:then |or )?)(add|ask|check|choose|did you mean|do|end|find|free|give|go back|import|install"
    r"|leave|load|log out|look|make|mount|move|name|probe|put|read|reboot|rebuild|recreate|remove|repair|report|restore"
    r"|run|save|say|see|set|start|take|unmount|use|wait|write|--(keep|overwrite) \w+s)\b",
    re.IGNORECASE,
)
# Said of what is right, of what was not checked, or of what passes by itself: no problem, so nothing is to be done.
NOTES = (
    "not the running system", "the integrated GPU", "it and programs that embed", "it was removed; the old value stays",
    "it can be changed while", "takes effect after a reboot", "changed while the system ran", "its files are in",
    "the account has no login shell", "NeedDaemonReload", "only a render node is open", "this wheel brings its own",
    "nothing to try",
    "{x} is {x}: the drop-in does nothing", "the settings do not get there; {x}",
    "it is not there", "no other root may", "{x} does not read /etc/profile.d",
)  # fmt: skip
FILLED = re.compile(r"(\{x\}|[;: ]|--help|log out and in again)+")  # whose words come from elsewhere
GROUP = Commands()
USAGE = (hints.PROJECT / "packaging/install.yaml").read_text()
ALL = hints.hints()


def faults(text: str) -> list[str]:
    """What is wrong with a hint."""
    words, typed = hints.split(text)
    found = [f"{len(typed)} commands"] if len(typed) > 1 else []
    found += [f"not doable: {line}" for line in typed if not doable(line)]
    if IN_WORDS.search(QUOTED.sub("", words)):
        found.append(f"a command in the midst of words: {words}")
    if not (typed or DOES.search(words) or words.startswith(NOTES) or FILLED.fullmatch(words)):
        found.append(f"nothing to do: {words}")
    return found


def doable(line: str) -> bool:
    """Whether the command is one of ours as it is called, a real program's, or an option for a container's start."""
    for part in re.split(r" (?:\||&&|;) |; ", line):
        words = re.sub(r"^([A-Z_]+=\S* +)+", "", part).split()
        words = words[1:] if words[0] == "sudo" else words
        if words[0] in ("--device", "--group-add"):
            continue
        if words[0] == "./install.sh":
            if not all(
                f" {w}" in (hints.PROJECT / "packaging/install.yaml").read_text()
                for w in words
                if w[0] == "-" and "{" not in w
            ):
                return False
        elif words[0] != "rdna-installer":
            if words[0].strip("'\"$(){}") not in PROGRAMS and not words[0].startswith(("{x}", "~/")):
                return False
        elif not ours(words[1:]):
            return False
    return True


def ours(words: list[str]) -> bool:
    if not words:
        return True
    command = GROUP.get_command(click.Context(GROUP), words[0]) if words[0] in {*COMMANDS, *ALIASES} else None
    if command is None:
        return False
    try:
        command.make_parser(click.Context(command, info_name=command.name)).parse_args(words[1:])
    except click.UsageError:
        return False
    return True


@pytest.mark.parametrize(("where", "text"), ALL, ids=[where for where, _ in ALL])
def test_a_hint_is_at_most_one_command_that_exists(where: str, text: str) -> None:
    assert faults(text) == [], text


@pytest.mark.parametrize(("where", "text"), sorted(set(hints.commands())))
def test_a_command_of_the_knowledge_exists(where: str, text: str) -> None:
    """Ours and the system's; of a program that a log is of, its own documentation is the source."""
    assert [line for line in text.split("\n") if line.startswith(TYPED) and not doable(line)] == []


def test_there_are_many() -> None:
    assert len(ALL) > 150 and sum(bool(hints.split(text)[1]) for _, text in ALL) > 60
    assert len({*hints.commands()}) > 100


def test_programs_of_every_debian_are_here() -> None:
    assert [
        name for name in ("cat", "chmod", "chown", "dmesg", "grep", "head", "mv") if shutil.which(name) is None
    ] == []


@pytest.mark.parametrize(
    "planted",
    [
        "to finish it: rdna-installer finish", "look: rdna-installer plan --nosuch", "see why: sudo jurnalctl -k",
        "`rdna-installer recover` finishes it", "run sudo dmesg and look",
        "look: rdna-installer plan\nrdna-installer apply",
        "it is gone", "this is not possible: rdna_hook is missing",
    ],
)  # fmt: skip
def test_a_planted_fault_is_seen(planted: str) -> None:
    assert faults(planted)
