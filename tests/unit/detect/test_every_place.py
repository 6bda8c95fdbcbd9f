"""Every place that sets a variable is named with the line that decides, and nothing that only looks like one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from place_samples import KEY, SPELLINGS, TRIED
from place_samples_blind import BLIND, BLIND_CALM, OTHERS, OTHERS_CALM
from place_samples_fifth import FIFTH
from place_samples_fourth import FOURTH
from place_samples_fresh import FIRST, SECOND, THIRD
from place_samples_seen import SEEN
from place_samples_sixth import SIXTH

from rdna_installer.amd.case import Judged
from rdna_installer.check.others import check_userenv
from rdna_installer.check.wanted import InForce
from rdna_installer.detect.dotfiles import FoundAssignment, Scan, scan
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Policy, PythonSite, SiteVerdict, User, Verdict
from rdna_installer.plan.conflicts import Foreign
from rdna_installer.plan.foreign import Found, find_others
from rdna_installer.record import replace

SAM = User(os.geteuid(), os.getegid(), "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
VENV = PurePosixPath("/home/sam/venv")
SITE = PythonSite(VENV / "bin/python", VENV, VENV / "lib", "3.11", SAM.uid, SAM.gid, None)


def where(top: Path, files: dict[str, str]) -> list[str]:
    """What is found where, in a machine with these files."""
    return [f.where for f in found_in(top, files)]


def found_in(top: Path, files: dict[str, str]) -> list[FoundAssignment]:
    found = looked_up(top, {path: text.replace("K", KEY) for path, text in files.items()}, (KEY,))
    assert all(f.assignment.key == KEY for f in found)
    return found


def looked_up(top: Path, files: dict[str, str], about: tuple[str, ...] = ()) -> list[FoundAssignment]:
    for path, text in files.items():
        file = top / re.sub("^~", "/home/sam", path).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            file.symlink_to(text[2:])
        else:
            file.write_text(text)
            file.chmod(0o755 if text.startswith("#!") else 0o644)
    found = scan(Sysroot(top), SAM, (), about, [(SAM, [SITE])])
    assert found.unreadable == ()
    return [f for f in found.found if f.assignment.value is not None]


STRANGE = BLIND | BLIND_CALM | OTHERS | OTHERS_CALM


@pytest.mark.parametrize("name", STRANGE)
def test_a_place_of_a_stranger(name: str, tmp_path: Path) -> None:
    files, labels = STRANGE[name]
    mine = f"users/{os.geteuid()}"
    spelled = {
        re.sub(r"\bK$", KEY, path).replace("users/1000", mine): re.sub(r"\bK\b", KEY, text)
        for path, text in files.items()
    }
    found = [f"{f.where} {f.assignment.key}={f.assignment.value}" for f in looked_up(tmp_path, spelled)]
    wanted = [
        {f"{place} {key}={value}".replace("/K:", f"/{KEY}:").replace("users/1000", mine) for place in places.split("|")}
        for places, key, value, *_ in labels
    ]
    assert [places for places in wanted if not places & {*found}] == [], found
    assert labels or not found


@pytest.mark.parametrize(("place", "text", "line"), TRIED, ids=[f"{p}-{n}" for n, (p, *_) in enumerate(TRIED)])
def test_a_place_that_is_read(place: str, text: str, line: int, tmp_path: Path) -> None:
    files = {place: text}
    if place == "/etc/default/ollama":
        files["/etc/systemd/system/ollama.service"] = "[Service]\nEnvironmentFile=-/etc/default/ollama\n"
    if os.geteuid() != 0 and place.startswith("/var/spool/cron"):
        pytest.skip("not root: nobody else reads a crontab there")
    assert where(tmp_path, files) == [f"{place}:{line}"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_spelling_or_a_look_alike(name: str, tmp_path: Path) -> None:
    files, named = SPELLINGS[name]
    assert where(tmp_path, files) == list(named)


FRESH = FIRST | SECOND | THIRD | FOURTH | FIFTH | SIXTH | SEEN


@pytest.mark.parametrize("name", FRESH)
def test_a_fresh_place(name: str, tmp_path: Path) -> None:
    files, named = FRESH[name]
    if os.geteuid() != 0 and any(path.startswith("/var/spool/cron") for path in files):
        pytest.skip("not root: nobody else reads a crontab there")
    found = sorted(f"{f.where}={f.assignment.value}".replace(KEY, "K") for f in found_in(tmp_path, files))
    assert len(found) == len(named), found
    assert all(one in wanted.split("|") for one, wanted in zip(found, sorted(named), strict=True)), found


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"/etc/environment": "K=9.0.0\n"}, True),
        ({"/etc/profile.d/a.sh": "export K=9.0.0\n"}, True),
        ({"~/.profile": "export K=9.0.0\n"}, True),
        ({"~/.profile": "export K=9.0.0\nunset K\n"}, False),
        ({"~/.profile": "alias c='K=9.0.0 python main.py'\n"}, False),
        ({"/etc/systemd/system/c.service": "[Service]\nEnvironment=K=9.0.0\n"}, False),
        ({"~/start.sh": "export K=9.0.0\npython main.py\n"}, False),
        ({"/etc/environment": "MY_K=9.0.0\n"}, False),
    ],
)
def test_a_shell_exports_on_what_it_was_given(files: dict[str, str], named: bool, tmp_path: Path) -> None:
    """bash(1), "Environment": a plain assignment to what was inherited reaches programs."""
    assert ("~/.bashrc:1" in where(tmp_path, {**files, "~/.bashrc": "K=10.3.0\n"})) is named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("export K=9.0.0\n. ~/.gpu\n", ["~/.gpu:1"]),
        (". ~/.gpu\nexport K=9.0.0\n", ["~/.bashrc:2"]),
        (". ~/.gpu\nunset K\n", []),
        ("unset K\n. ~/.gpu\n", ["~/.gpu:1"]),
        (". ~/.gpu\nalias c='K=9.0.0 python main.py'\n", ["~/.bashrc:2", "~/.gpu:1"]),
        (". ~/.gpu\nexport A=1\n", ["~/.gpu:1"]),
        ("export K=9.0.0\npodman run --env-file ~/.gpu x\n", ["~/.bashrc:1", "~/.gpu:1"]),
        (". ~/.a\npodman run --env-file ~/.gpu x\nexport K=9.0.0\n", ["~/.bashrc:3", "~/.gpu:1"]),
    ],
)
def test_which_wins_of_a_script_and_what_it_reads_in(text: str, named: list[str], tmp_path: Path) -> None:
    """The last one; what only a container gets is beside that."""
    given = "K=10.3.0\n" if "podman" in text else "export K=10.3.0\n"
    assert sorted(where(tmp_path, {"~/.bashrc": text, "~/.gpu": given})) == named


@pytest.mark.parametrize(("uid", "named"), [(os.geteuid(), True), (4321, False), (77, True)])
def test_whose_a_job_of_at_is(uid: int, named: bool, tmp_path: Path) -> None:
    """at writes it into a comment; one of somebody whom nobody knows may be anybody's."""
    job = f"#!/bin/sh\n# atrun uid={uid} gid=1\n# mail x 0\numask 22\nK=10.3.0; export K\ncd / || {{\n exit 1\n}}\nx\n"
    passwd = f"sam:x:{SAM.uid}:1::/home/sam:/bin/sh\nbob:x:4321:1::/home/bob:/bin/sh\n"
    for place in ("/var/spool/cron/atjobs/a0000301bd", "/var/spool/at/a0000301bd"):
        found = where(tmp_path, {"/etc/passwd": passwd, place: job})
        assert found == ([f"{place}:5"] if named else [])
        (tmp_path / place[1:]).unlink()


@pytest.mark.parametrize(
    ("program", "contained"),
    [
        ("/usr/local/bin/ollama serve", True),
        ("-/opt/llama.cpp/build/bin/llama-server -m x", True),
        ("/home/sam/llama-venv/bin/python main.py", False),
        ("/usr/bin/podman run x", True),
        ("/home/sam/ollama/venv/bin/python", False),
    ],
)
def test_whose_environment_a_service_sets(program: str, contained: bool, tmp_path: Path) -> None:
    """What brings its own kernels is no reason to refuse a torch its settings."""
    unit = tmp_path / "etc/systemd/system/x.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(f"[Service]\nExecStart={program}\nEnvironment={KEY}=10.3.0\n")
    (found,) = scan(Sysroot(tmp_path), SAM, ()).found
    assert found.contained is contained


OVERRIDE_CONF = f"[Service]\nEnvironment={KEY}=10.3.0\n"
SYSTEM = "/etc/systemd/system"


def said(item: Foreign, judged: Judged) -> str:
    """The line of a plan."""
    policy = Policy("recommended", Verdict.NATIVE, (), (SiteVerdict("/p", Verdict.NATIVE, "", None),), (), (), ())
    others = find_others([Found(item, judged)], load_book(about={"gfx1031"}), policy)
    return " ".join([*others.warnings, *others.lines])


@pytest.mark.parametrize(
    ("dropin", "beside", "absent"),
    [
        (f"{SYSTEM}/gone.service.d/x.conf", "", True),
        (f"{SYSTEM}/gone.service.d/x.conf", "/usr/lib/systemd/system/gone.socket", True),
        (f"{SYSTEM}/comfy-.service.d/x.conf", f"{SYSTEM}/comfy.service", True),
        (f"{SYSTEM}/comfy-.service.d/x.conf", f"{SYSTEM}/comfy-a.service", False),
        (f"{SYSTEM}/l@big.service.d/x.conf", "", True),
        (f"{SYSTEM}/l@big.service.d/x.conf", "/usr/lib/systemd/system/l@.service", False),
        (f"{SYSTEM}/l@.service.d/x.conf", f"{SYSTEM}/l@a.service", False),
        (f"{SYSTEM}/service.d/x.conf", "", False),
        (f"{SYSTEM}/o.service.d/x.conf", "/etc/containers/systemd/o.container", False),
        (f"{SYSTEM}/o.service.d/x.conf", "/etc/containers/systemd/o.kube", False),
        (f"{SYSTEM}/o.service.d/x.conf", "/etc/init.d/o", False),
        (f"{SYSTEM}/o.service.d/x.conf", "/run/systemd/generator/o.service", False),
        ("/etc/containers/systemd/o.container.d/x.conf", "", True),
        ("~/.config/systemd/user/gone.service.d/x.conf", "", True),
        ("~/.config/systemd/user/mine.service.d/x.conf", "/usr/lib/systemd/user/mine.service", False),
    ],
)
def test_a_drop_in_of_a_unit_that_is_not_there(dropin: str, beside: str, absent: bool, tmp_path: Path) -> None:
    """systemd ignores it without a word (`not-found`), until the unit comes back: every command says so."""
    text = OVERRIDE_CONF.replace("Service", "Container") if "containers" in dropin else OVERRIDE_CONF
    found = found_in(tmp_path, {dropin: text, **({beside: "[Unit]\n"} if beside else {})})
    (one,) = (f for f in found if f.where == f"{dropin}:2")
    unit = dropin.split("/")[-2].removesuffix(".d")
    assert one.note == (f" (there is no {unit} here)" if absent else "")
    right = Judged(Answer.RIGHT, "", KEY)
    (check,) = check_userenv(Scan((one,)), InForce({KEY: "11.0.0"}), lambda *_: right)
    assert ("remove it" in str(check.hint), str(check.hint).endswith(f"there is no {unit} here)")) == (True, absent)
    for judged in (replace(right, reason="it crashes", answer=Answer.HARMFUL), replace(right, answer=Answer.UNREAD)):
        item = Foreign(KEY, "10.3.0", one.where, note=one.note)
        assert (f" (there is no {unit} here)" in said(item, judged)) == absent


CLOSED = """
import sys
from pathlib import Path, PurePosixPath
from rdna_installer.detect import dotfiles
from rdna_installer.errors import RdnaError
from rdna_installer.machine import asuser
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
before, calls = set(), []
def closed(*_):
    calls.append("a look, or the same one again")
    if len(calls) % 2:
        raise RdnaError("child-failed", "No module named 'yaml'")
    before.update(sys.modules)
    return dotfiles.Scan()
asuser.as_user = asuser.look = closed
sam = User(1000, 1000, "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
dotfiles.scan(Sysroot(Path(sys.argv[1])), sam, ())
dotfiles._Reader(Sysroot(Path(sys.argv[1])), sam.home, "~", frozenset(), (), (), []).read(
    [row for rows in dotfiles.places().values() for row in rows], sam.home)
print(*sorted(name for name in sys.modules if name not in before))
"""


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="not root: nobody gives up rights")
def test_what_reads_for_a_user_is_loaded_before(tmp_path: Path) -> None:
    """Python and the program may lie in /root: with a user's rights nothing can be imported then; asked again, nothing
    has to be."""
    for path, text in {
        "compose.yaml": "services: {a: {environment: [K=1]}}",
        "unit/compose.yaml": "services: {a: {environment: [K=1]}}",
        ".config/systemd/user/a.service": "[Service]\nEnvironment=K=1\n",
        ".bashrc": "export K=1\n",
        ".ssh/environment": "K=1\n",
    }.items():
        file = tmp_path / "home/sam" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("K", KEY))
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
