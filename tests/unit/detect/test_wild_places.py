"""The sets of places as people have them: every place named with its line and value, nothing else claimed."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

import pytest
from place_samples import KEY
from place_samples_kinds import KINDS
from place_samples_wild import PLAIN, WILD, WILD_CALM, Label, Rows
from place_samples_wild_eighteenth import EIGHTEENTH_CALM, EIGHTEENTH_WILD
from place_samples_wild_eighth import EIGHTH_CALM, EIGHTH_WILD
from place_samples_wild_eleventh import ELEVENTH_CALM, ELEVENTH_WILD
from place_samples_wild_fifteenth import FIFTEENTH_CALM, FIFTEENTH_WILD
from place_samples_wild_fifth import FIFTH_CALM, FIFTH_WILD
from place_samples_wild_fourteenth import FOURTEENTH_CALM, FOURTEENTH_WILD
from place_samples_wild_fourth import FOURTH_CALM, FOURTH_WILD
from place_samples_wild_nineteenth import NINETEENTH_CALM, NINETEENTH_WILD
from place_samples_wild_ninth import NINTH_CALM, NINTH_WILD
from place_samples_wild_second import SECOND_CALM, SECOND_WILD
from place_samples_wild_seventeenth import SEVENTEENTH_CALM, SEVENTEENTH_WILD
from place_samples_wild_seventh import SEVENTH_CALM, SEVENTH_WILD
from place_samples_wild_sixteenth import SIXTEENTH_CALM, SIXTEENTH_WILD
from place_samples_wild_sixth import SIXTH_CALM, SIXTH_WILD
from place_samples_wild_tenth import TENTH_CALM, TENTH_WILD
from place_samples_wild_third import THIRD_CALM, THIRD_WILD
from place_samples_wild_thirteenth import THIRTEENTH_CALM, THIRTEENTH_WILD
from place_samples_wild_twelfth import TWELFTH_CALM, TWELFTH_WILD

from rdna_installer.detect.dotfiles import scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite, User

# What is not read yet, or claimed though it is not in force.
LEFT: dict[str, str] = {
    "phi-environment-d-plus": "${X:+y}",
    "phi-profile-d-while-read": "a loop that reads a here-document",
    "phi-zsh-short-if": "an if of zsh's without then",
    "phi-fish-read": "a value that is read from another command",
    "phi-fish-autoload": "a function of another file that is called",
    "phi-pam-env-then-bare": "what /etc/environment takes away of pam_env.conf's",
    "phi-fish-functions-file": "what stands around the functions in a file that only a call of one reads",
    "phi-flatpak-app-unset": "what an override takes away of what the app brings",
    "zsh-unset-pattern": "unset -m in a file that is read in",
    "xsessionrc-unset-by-90": "what a system's Xsession.d file takes away of a home's .xsessionrc",
    "quadlet-dropin-orphan": "a drop-in whose quadlet is not there: it is named, and said to be for none",
}
SETS = (
    *(KINDS, WILD, WILD_CALM, SECOND_WILD, SECOND_CALM, THIRD_WILD, THIRD_CALM, FOURTH_WILD, FOURTH_CALM),
    *(FIFTH_WILD, FIFTH_CALM, SIXTH_WILD, SIXTH_CALM, SEVENTH_WILD, SEVENTH_CALM),
    *(EIGHTH_WILD, EIGHTH_CALM, NINTH_WILD, NINTH_CALM, TENTH_WILD, TENTH_CALM),
    *(ELEVENTH_WILD, ELEVENTH_CALM, TWELFTH_WILD, TWELFTH_CALM, THIRTEENTH_WILD, THIRTEENTH_CALM),
    *(FOURTEENTH_WILD, FOURTEENTH_CALM, FIFTEENTH_WILD, FIFTEENTH_CALM),
    *(SIXTEENTH_WILD, SIXTEENTH_CALM, SEVENTEENTH_WILD, SEVENTEENTH_CALM, EIGHTEENTH_WILD, EIGHTEENTH_CALM),
    *(NINETEENTH_WILD, NINETEENTH_CALM),
)
ROWS: Rows = {}
for _name, _row in (pair for rows in SETS for pair in rows.items()):
    while _name in ROWS:  # strangers gave some of them the same name
        _name += "-again"
    ROWS[_name] = _row


def mine(name: str) -> str:
    return name.replace("/users/1000/", f"/users/{os.geteuid()}/")


def made(top: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = top / re.sub("^~", "/home/sam", mine(name)).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            file.symlink_to(text[2:])
            continue
        file.write_text(text.replace("§", KEY).replace(":1000:1000:", f":{os.geteuid()}:{os.getegid()}:"))
        file.chmod(0o755 if text.startswith("#!") and name not in PLAIN else 0o644)


def named(top: Path, files: dict[str, str]) -> set[str]:
    """Each finding as "file:line KEY=value", in a machine with these files, for sam."""
    made(top, files)
    shell = re.search(r"^sam:.*:(\S+)$", files.get("/etc/passwd", ""), re.MULTILINE)
    sam = User(
        os.geteuid(), os.getegid(), "sam", PurePosixPath("/home/sam"), shell[1] if shell else "/bin/bash", frozenset()
    )
    cfgs = [name for name in files if name.endswith("/pyvenv.cfg")]
    homes = [PurePosixPath(re.sub("^~", "/home/sam", name)).parent for name in cfgs or ["~/venv/pyvenv.cfg"]]
    sites = [PythonSite(v / "bin/python", v, v / "lib", "3.11", os.geteuid(), os.getegid(), None) for v in homes]
    found = scan(Sysroot(top), sam, (), (), [(sam, sites)])
    assert found.unreadable == ()
    return {f"{f.where} {f.assignment.key}={f.assignment.value}" for f in found.found if f.assignment.value is not None}


@pytest.mark.parametrize("name", ROWS)
def test_a_labelled_line_is_there(name: str) -> None:
    files, labels = ROWS[name]
    for places, key, value, *_ in labels:
        lines = [place.rsplit(":", 1) for place in places.split("|")]
        texts = [
            files[file].split("\n")[int(line) - 1].replace("§", KEY) for file, line in lines if files[file][:2] != "->"
        ]
        assert any(key in text or (value or key) in text for text in texts)


def unknown(labels: tuple[Label, ...]) -> set[str]:
    """The lines whose value no reading of files can know."""
    return {f"{place} {key}" for places, key, value, *_ in labels if value is None for place in places.split("|")}


IF = 'if [ "$(hostname)" = {} ]; then\n  export §=1\nelse\n  export §=2\nfi\n'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (IF.format("rig"), [2]),
        (IF.format("box"), [4]),
        (IF.replace("]; then", "] && [ -d /x ]; then").format("rig"), [2, 4]),
        (IF.replace("]; then", '] || [ "$HOSTNAME" = rig ]; then').format("box"), [2, 4]),
        (IF.replace("else", "elif [ -d /x ]; then").format("rig"), [2]),
        ('[ "$HOSTNAME" = box ] || return\nexport §=1\n', []),
        ("[[ $HOST == rig* ]] || return\nexport §=1\n", [2]),
        ("case $HOSTNAME in\nbox|rig) export §=1 ;;\n*) export §=2 ;;\nesac\n", [2]),
        ("case $HOSTNAME in\nbox) export §=1 ;;\n*) export §=2 ;;\nesac\n", [3]),
        ("exec 2>&1\nexport §=1\n", [2]),
        ("exec fish\nexport §=1\n", []),
    ],
)
def test_the_branch_of_this_machine(text: str, lines: list[int], tmp_path: Path) -> None:
    found = named(tmp_path, {"/etc/hostname": "rig\n", "~/.bashrc": text})
    assert sorted(one.split(" ")[0] for one in found) == [f"~/.bashrc:{line}" for line in lines]


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.xfail(strict=True, reason=LEFT[n])) if n in LEFT else n for n in ROWS]
)
def test_a_wild_place(name: str, tmp_path: Path) -> None:
    files, labels = ROWS[name]
    if os.geteuid() != 0 and any(path.startswith("/var/spool/cron") for path in files):
        pytest.skip("not root: nobody else reads a crontab there")
    found = named(tmp_path, files)
    found = {re.sub("=.*", "=None", f) if {f.split("=")[0]} & unknown(labels) else f for f in found}
    wanted = [{f"{mine(place)} {key}={value}" for place in places.split("|")} for places, key, value, *_ in labels]
    missed = [places for places in wanted if not places & found]
    claimed = found - {one for places in wanted for one in places}
    assert (missed, claimed) == ([], set())
