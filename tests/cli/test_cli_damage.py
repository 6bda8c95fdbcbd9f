"""A damaged state: found, named with what is safe, never acted upon; the rescue line brings the old machine back."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_sample import SAM, Cli
from effort import tries
from test_cli_main_job import tree
from trial_sample import dies

from rdna_installer.change import transaction

pytestmark = pytest.mark.processes

APPLY = ("apply", "--yes", "--profile", "layered")
STATE = "var/lib/rdna-installer"
HARMLESS = ("lock", "log")


def spoil(path: Path, chance: random.Random) -> str:
    """One way in which a disk or a hand spoils a file."""
    way = chance.choice(("digit", "byte", "cut", "empty", "gone"))
    content = path.read_bytes()
    places = [n for n, byte in enumerate(content) if way != "digit" or chr(byte).isdigit()]
    if way == "gone" or not places:
        path.unlink()
        return "gone"
    n = chance.choice(places)
    if way == "digit":
        path.write_bytes(content[:n] + str((content[n] - 47) % 10).encode() + content[n + 1 :])
    elif way == "byte":
        path.write_bytes(content[:n] + bytes([content[n] ^ (1 << chance.randrange(8))]) + content[n + 1 :])
    else:
        path.write_bytes(content[:n] if way == "cut" else b"")
    return way


@pytest.fixture
def applied(cli: Cli, sample: Path) -> Path:
    """Two generations over somebody's file with a mode of its own."""
    conf = sample / "etc/modprobe.d/rdna-installer.conf"
    conf.write_bytes(b"# theirs\n")
    conf.chmod(0o640)
    shutil.copytree(sample, sample.with_name("old"), symlinks=True)
    root = ("--root", str(sample))
    assert cli(*APPLY, "--overwrite", "--layer", "env", *root).code == 0
    assert cli(*APPLY, "--overwrite", *root).code == 0
    return sample


def test_a_sound_state_is_said_to_be_sound(cli: Cli, applied: Path) -> None:
    done = cli("recover", "--check", "--root", str(applied))
    assert (done.code, done.out) == (0, "system: all records, contents and files are whole\n")
    (applied / "etc/profile.d/rdna-installer.sh").write_text("# edited\n")
    changed = cli("recover", "--check", "--root", str(applied))
    assert changed.code == 4 and "changed since: /etc/profile.d/rdna-installer.sh" in changed.out


def test_damaged_states(cli: Cli, applied: Path) -> None:
    """Two hundred in the long run (tests/effort.py)."""
    count = tries(short=25, long=200)
    chance, old, now = random.Random(count), tree(applied.with_name("old")), tree(applied)
    kept, root = applied.with_name("kept"), ("--root", str(applied))
    shutil.copytree(applied, kept, symlinks=True)
    files = sorted(p.relative_to(applied) for p in (applied / STATE).rglob("*") if p.is_file())
    refused = 0
    for _ in range(count):
        name = chance.choice([f for f in files if f.name not in HARMLESS])
        what = (name, spoil(applied / name, chance))
        if (applied / name).exists() and (applied / name).read_bytes() == (kept / name).read_bytes():
            continue
        assert tree(applied) == now
        checked = cli("recover", "--check", "--json", *root)
        assert checked.out, (what, checked)
        if checked.code == 0:
            assert name.name in ("format", "outcomes.json"), what  # gone: made again from the others
        else:
            found = json.loads(checked.out)["owners"][0]
            assert checked.code == 4 and [d["path"] for d in found["damaged"]] == [f"/{name}"], (what, found)
            said = cli("status", *root)
            assert "recover --check" in said.out + said.err, (what, said)
        back = cli("rollback", "--to", "0", "--yes", *root)
        if back.code == 0:
            assert tree(applied) == old, what
            shutil.rmtree(applied)
            shutil.copytree(kept, applied, symlinks=True)
            (applied / name).unlink()
        else:
            refused += 1
            assert back.code in (3, 6) and tree(applied) == now and "recover --check" in back.err, (what, back)
        if checked.code == 4 and found["restore"]:
            subprocess.run([*found["restore"].split(), "--force", "--no-images"], check=False, capture_output=True)
            left = {n: held for n, held in tree(applied).items() if not n.endswith(".rdna-installer-saved")}
            older = "/1/" in found["restore"]
            assert left == old or older, (what, found["restore"])
        shutil.rmtree(applied)
        shutil.copytree(kept, applied, symlinks=True)
    assert refused > count // 10


def test_without_its_public_record_the_last_generation_is_in_force(cli: Cli, applied: Path) -> None:
    """It said "nothing to undo: nothing is applied here", and ended with 0, over a machine full of our files."""
    root, old = ("--root", str(applied)), tree(applied.with_name("old"))
    (applied / STATE / "current.json").unlink()
    said = json.loads(cli("status", "--json", *root).out)
    assert [o["generation"]["number"] for o in said["owners"] if o["owner"] == "system"] == [2] and said["damaged"]
    again = cli(*APPLY, *root)
    assert again.code == 0 and "Nothing to change." in again.out, again
    assert cli("rollback", "--to", "0", "--yes", *root).code == 0
    assert tree(applied) == old


def test_recover_writes_a_record_that_has_gone(cli: Cli, sample: Path) -> None:
    root, record = ("--root", str(sample)), sample / "var/lib/rdna-installer/current.json"
    assert cli("apply", "--yes", *root).code == 0
    held = record.read_bytes()
    record.unlink()
    assert cli("recover", "--check", *root).code == 4
    done = cli("recover", *root)
    assert done.code == 0 and "repaired: change 1 of system" in done.out + done.err, done
    assert record.read_bytes() == held and cli("recover", "--check", *root).code == 0
    assert "nothing to recover" in cli("recover", *root).out


def test_the_records_of_an_open_change_are_looked_at(cli: Cli, applied: Path) -> None:
    root = ("--root", str(applied))

    def begin() -> None:
        transaction.swap = lambda *args: os._exit(9)  # type: ignore[assignment]
        cli("rollback", "--yes", *root)

    assert dies(begin)
    cli("history", *root)  # with what the other process had printed
    (applied / STATE / "tx/manifest.json").write_text("{}")
    done = cli("recover", "--check", "--json", *root)
    assert done.code == 4, done
    checked = json.loads(done.out)["owners"][0]
    assert checked["damaged"][0]["path"] == f"/{STATE}/tx/manifest.json", checked


@pytest.mark.parametrize("what", ["mode", "owner", "record", "generation"])
def test_a_state_that_others_can_change_is_not_sound(cli: Cli, applied: Path, what: str) -> None:
    """It was called whole, and a line was given that had root run a script of anybody's."""
    root, state = ("--root", str(applied)), applied / STATE
    place = {"record": state / "current.json", "generation": state / "generations/2"}.get(what, state)
    if what == "owner":
        if os.geteuid() != 0:
            pytest.skip("not root: a file of another user was not tested")
        os.chown(place, SAM, SAM)
    else:
        place.chmod(0o777)
    done = json.loads(cli("recover", "--check", "--json", *root).out)
    (found,) = (owner for owner in done["owners"] if owner["owner"] == "system")
    assert not done["sound"] and (found["safe"], found["restore"]) == ([], None), found
    assert found["damaged"][0]["path"] == f"/{place.relative_to(applied)}", found
    said = cli("recover", "--check", *root)
    assert said.code == 4 and "others can change it" in said.out and found["take_back"] in said.out
    assert "others can change it" in " ".join(cli("status", *root).out.split())
    assert cli("verify", *root).code == 4
    if os.geteuid() == 0:
        subprocess.run(found["take_back"].replace("sudo ", ""), shell=True, check=True)
        assert cli("recover", "--check", *root).code == 0
