#!/usr/bin/env python3
"""Plays the first hour in fresh Debian roots and writes down what was printed: docs/first-hour.md.

    sudo .venv/bin/python tests/system/first_hour.py [--check] [NAME…]

Debian 12 and 13; bare (no Python), with the packages the program needs, with pipx; as root, as a user with sudo and as
one without. --check compares instead of writing; NAME plays some of them ("bookworm packages"). Each root is looked at
before and after: what is left behind is an error. Needs root, mmdebstrap and the network; minutes for all.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import debian_root
from debian_machine import Machine, Terminal
from debian_tree import differences, snapshot

DEMO = Path(__file__).resolve().parents[2] / "installer/rdna_installer/demo/demo.json"
DOC = Path(__file__).resolve().parents[2] / "docs/first-hour.md"
SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
WAYS = {
    "bare": (debian_root.Recipe(("apt",)), "nothing but the base system: no Python"),
    "packages": (debian_root.INITRAMFS_TOOLS, "Python and the packages the program needs"),
    "pipx": (debian_root.Recipe(("pipx",)), "pipx, and nothing else of it"),
}
USERS = {"root": 0, "sam": 1000, "kim": 1001}  # sam may use sudo, kim may not
PLACES = ("/etc", "/usr", "/opt", "/home", "/root", "/tmp", "/var/lib/rdna-installer", "/var/tmp", "/boot")
# A password file's backup, caches of a Python that ran, and what apt and dpkg keep for themselves.
NOT_OURS = ("/etc/passwd-", "/etc/group-", "/etc/ld.so.cache")
CARD = "--gfx gfx1031"  # no card is in a chroot: it is named
VENV = "--python {home}/venv"
SCENES = {
    "bare": [
        "./install.sh --demo",
        "./install.sh --verify",
        "./install.sh --python-only --yes",
        "TYPED n: ./install.sh --env-only --gfx gfx1010 --profile layered",
        "TYPED y: ./install.sh --env-only --gfx gfx1010 --profile layered",
        "TYPED y y y y: ./install.sh --uninstall --purge",
    ],
    "packages": [
        "./install.sh --demo --no-pause | head -4",
        "SUDO ./install.sh --install-only --yes",
        "{program}",
        f"SUDO {{program}} plan {CARD} {VENV}",
        f"SUDO {{program}} apply {CARD} {VENV} | tail -3",
        f"SUDO {{program}} apply --yes {CARD} {VENV} >/dev/null",
        "{program} status",
        "{program} verify",
        "SUDO {program} adopt --yes",
        "SUDO ./install.sh --uninstall --purge --yes",
    ],
    "pipx": [
        "pipx install /srv/rdna-installer >/dev/null 2>&1",
        "{program} --version",
        "{program}",
        f"{{program}} plan {CARD} --layer env --profile layered",
        f"SUDO {{program}} apply --yes {CARD} --layer env --profile layered >/dev/null",
        "SUDO {program} uninstall --purge --yes",
        "pipx uninstall rdna-installer >/dev/null 2>&1",
    ],
}


def play(suite: str, way: str) -> dict[str, str]:
    """What each user sees, one after the other in a root of that kind: whoever leaves something is found out.

    Raises RuntimeError then.
    """
    recipe = debian_root.Recipe(WAYS[way][0].packages, suite)
    told = {}
    with debian_root.scratch_root(recipe) as root:
        machine = Machine(root)
        prepare(machine, way)
        for user, uid in USERS.items():
            before = tree(machine, way)
            told[user] = "\n".join(act(machine, way, user, uid, scene) for scene in SCENES[way])
            if left := differences(before, tree(machine, way)):
                raise RuntimeError(f"{suite} {way} {user}: left behind or changed:\n" + "\n".join(left))
    return told


def tree(machine: Machine, way: str) -> dict[str, object]:
    """All that counts. A Python that ran has cached itself; what apt put in and took out leaves its traces."""
    found = snapshot(machine.root, PLACES, NOT_OURS)
    bare = re.compile(r"/(etc|usr)/.*") if way == "bare" else re.compile(r"(?!)")
    home = (
        r"/opt/pipx(/.*)?|/(root|home/\w+)/\.(cache(/.*)?|local(/bin|(/share|/state)?(/(pipx|man)(/.*)?)?)?)"  # pipx's
    )
    skip = re.compile(rf"{home}|{bare.pattern}")
    kept = {p: e for p, e in found.items() if "/__pycache__" not in p}
    return {p: e for p, e in kept.items() if not skip.fullmatch(p) or "rdna" in p}


def prepare(machine: Machine, way: str) -> None:
    for file in ("/etc/resolv.conf", "/etc/hosts"):
        if Path(file).is_file():
            shutil.copy(file, machine.path(file))
    proxies = "".join(f"{line}\n" for line in debian_root._proxies())
    machine.path("/etc/apt/apt.conf.d/00test").write_text(proxies)
    for user, uid in list(USERS.items())[1:]:
        machine.must("useradd", "--create-home", "--uid", str(uid), "--shell", "/bin/bash", user)
    if way == "pipx" and (bundle := os.environ.get("PIP_CERT")):  # as this machine's pip reaches its index
        inside = machine.path("/etc/ssl/certs/ca-certificates.crt")
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bundle, inside)
        machine.path("/etc/pip.conf").write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
    if way != "packages":
        return
    for home in ("opt", "home/sam", "home/kim"):  # root's own is one for everybody
        machine.must("python3", "-m", "venv", "--without-pip", f"/{home}/venv")
        (packages,) = machine.path(f"/{home}/venv/lib").glob("python3*/site-packages")
        for name, text in json.loads(DEMO.read_text())["files"].items():
            if "/site-packages/" in name:
                file = packages / name.partition("/site-packages/")[2]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        (packages / "torch-2.9.1+rocm6.4.dist-info").mkdir()
    for user in ("sam", "kim"):
        machine.must("chown", "-R", f"{user}:{user}", f"/home/{user}")


def act(machine: Machine, way: str, user: str, uid: int, scene: str) -> str:
    """One command as it is typed, and what it prints."""
    home = "/root" if uid == 0 else f"/home/{user}"
    sudo = scene.startswith(("SUDO ", "TYPED ")) and user == "sam"
    own = f"{home}/.local/bin/rdna-installer"
    program = own if uid and (way == "pipx" or user == "kim") else "rdna-installer"
    typed, words = re.match(r"(?:TYPED ([^:]*): )?(?:SUDO )?(.*)", scene).groups()  # type: ignore[union-attr]
    words = words.format(program=program, home="/opt" if uid == 0 else home)
    if uid == 0 and words.startswith("pipx"):  # as its manual has it for everybody
        words = f"PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin {words}"
    env = f"SUDO_USER=sam SUDO_UID=1000 SUDO_GID=1000 {words}" if sudo else words
    if typed and (uid == 0 or sudo):
        said, code = type_in(machine, env, typed.split())
    else:
        spec = None if uid == 0 or sudo else f"{uid}:{uid}"
        done = machine.run("sh", "-c", env, user=spec, home="/root" if sudo else home)
        said, code = done.stdout + done.stderr, done.returncode
    if " pipx " in f" {words}" and code:
        raise RuntimeError(f"{words} ended with {code}: is the index reached from within?")
    ended = f"(exit {code})\n" if code else ""
    return f"$ {'sudo ' if sudo else ''}{words}\n{plain(said)}{ended}"


def type_in(machine: Machine, words: str, answers: list[str]) -> tuple[str, int]:
    terminal = Terminal(machine.argv("sh", "-c", words))
    for answer in answers:
        start = len(terminal.seen)
        while not (asked := re.search(r"\[[yY]/[nN](/d)?\]:? ", terminal.seen[start:])):
            if not terminal._read(time.monotonic() + 240):
                break
        if not asked:  # it has ended
            break
        terminal.type(f"{answer}\n")
    code = terminal.close(600)
    return terminal.seen.replace("\r\n", "\n"), code


def plain(text: str) -> str:
    """What does not depend on the day and on the machine below the root."""
    text = re.sub(r"\x1b\[[0-9;]*m|\r[^\n]*?(?=\r)|\r", "", text).replace(os.uname().release, "KERNEL")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
    text = re.sub(r"rdna-installer\.\w{6}\b", "rdna-installer.XXXXXX", text)
    text = re.sub(
        r"(scratch folder|these packages|packages are missing|Installed packages|needed):( [a-z0-9][\w.+-]*){3,}",
        r"\1: …",
        text,
    )
    text = re.sub(r"(?s)\s*(Reading package lists|The following packages will).*?(?=\n\$|\Z)", "\n…\n", text)
    text = re.sub(r"(?m) +$|^debconf: delaying.*\n", "", text)
    return text + ("" if text.endswith("\n") or not text else "\n")


def chapter(suite: str, way: str) -> str:
    return f"## {SUITES[suite]}, {way}\n"


def written(suite: str, way: str, told: dict[str, str]) -> str:
    lines = [chapter(suite, way), f"With {WAYS[way][1]}.\n"]
    who = {"root": "As root", "sam": "As a user with sudo", "kim": "As a user without"}
    return "\n".join([*lines, *(f"### {who[user]}\n\n```\n{text}```\n" for user, text in told.items())])


HEAD = """# The first hour

What a newcomer sees in fresh Debian roots, word for word, and that nothing is left of it afterwards.
Played by `sudo .venv/bin/python tests/system/first_hour.py`; `--check` compares it with what is printed today.
A chroot has no card: `--gfx` names one. What depends on the day or on the kernel below is left out.

"""


def chapters() -> dict[str, str]:
    """The document's parts by their headings."""
    parts = re.split(r"(?m)^(?=## )", DOC.read_text()) if DOC.exists() else []
    return {part.partition("\n")[0] + "\n": part for part in parts if part.startswith("## ")}


def difference(suite: str, way: str) -> str:
    """What is printed today and does not stand in the document; "" where all of it does."""
    now, then = written(suite, way, play(suite, way)), chapters().get(chapter(suite, way), "")
    return "\n".join(
        difflib.unified_diff(then.strip().splitlines(), now.strip().splitlines(), "document", "today", lineterm="")
    )


def main() -> int:
    if why := debian_root.missing():
        sys.exit(why)
    named = " ".join(word for word in sys.argv[1:] if not word.startswith("--"))
    wanted = [(s, w) for s in SUITES for w in WAYS if all(word in (s, w) for word in named.split())]
    if "--check" in sys.argv:
        found = [text for suite, way in wanted if (text := difference(suite, way))]
        print("\n".join(found))
        return int(bool(found))
    parts = chapters()
    for suite, way in wanted:
        parts[chapter(suite, way)] = written(suite, way, play(suite, way))
        ordered = [parts[chapter(s, w)].strip() for s in SUITES for w in WAYS if chapter(s, w) in parts]
        DOC.write_text(HEAD + "\n\n".join(ordered) + "\n")
        print(f"{suite} {way}: written", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
