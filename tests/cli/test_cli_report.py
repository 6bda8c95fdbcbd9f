"""report on the command line: the file, the page, a look at both, somebody else's file, places it may not write to."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from cli_sample import SAM, Cli
from effort import spread

from rdna_installer.codec import write as written
from rdna_installer.record import replace
from rdna_installer.report.page import render
from rdna_installer.share.schema import FORMAT, SIZE_LIMIT, Shared, digest_of, read, write

pytestmark = pytest.mark.processes  # modinfo

CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "captures"
LOG = "Memory access fault by GPU node-1 (Agent handle: 0x5) on address 0x7f of alice@host. Reason: Unknown.\n"


@pytest.fixture
def shared(cli: Cli, sample: Path, tmp_path: Path) -> Path:
    """The file of the sample machine."""
    path = tmp_path / "given.json"
    assert cli("report", "--root", str(sample), "--json", str(path)).code == 0
    return path


def test_the_page_and_the_file(cli: Cli, sample: Path, tmp_path: Path) -> None:
    page, file = tmp_path / "a page.html", tmp_path / "given.json"
    result = cli("report", "--root", str(sample), "--html", str(page), "--json", str(file))
    assert result.code == 0 and "Radeon RX 5600 XT (gfx1010)" in result.out and str(page) in result.out
    assert max(map(len, result.out.replace(str(tmp_path), "").splitlines())) <= 80
    content = file.read_bytes()
    found = read(content, "given")
    assert found.machine and found.machine.cards[0].target == "gfx1010" and found.machine.distro == "debian"
    assert page.read_text() == render(found, digest_of(content))
    assert (page.stat().st_mode & 0o777, page.stat().st_uid) == (0o644, os.geteuid())
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "sample") == ["a page.html", "given.json"]


def test_what_is_shown_is_what_the_file_holds(cli: Cli, sample: Path, shared: Path) -> None:
    assert cli("report", "--root", str(sample), "--show").out.strip() == shared.read_text().strip()


def test_json_alone_is_a_document_as_everywhere(cli: Cli, sample: Path, tmp_path: Path) -> None:
    result = cli("report", "--json", "--root", str(sample), "--html", str(tmp_path / "p.html"))
    data = json.loads(result.out)
    assert (data["command"], data["outcome"], data["files"]) == ("report", "done", [str(tmp_path / "p.html")])
    assert data["report"]["machine"]["cards"][0]["device"] == "731f"


def test_what_needs_attention_is_in_it_as_doctor_says_it(cli: Cli, sample: Path) -> None:
    (sample / "home/sam/.zshrc").write_text("export HSA_OVERRIDE_GFX_VERSION=11.0.0\n")
    root = ("--root", str(sample))
    known, told = (json.loads(cli(name, "--json", *root).out) for name in ("doctor", "report"))
    topics = [(t["subject"], t["mark"], t["next"]) for t in told["report"]["topics"]]
    assert ("settings", "attention", "adopt") in topics
    assert [(t["name"], t["mark"]) for t in known["topics"]] == [topic[:2] for topic in topics]


def test_without_a_file_nothing_is_written_and_it_is_said(cli: Cli, sample: Path, tmp_path: Path) -> None:
    result = cli("report", "--root", str(sample))
    assert "Nothing was written" in result.out and "report --show" in result.out and result.code == 0


def test_anothers_file_is_looked_at_and_shown(cli: Cli, shared: Path, tmp_path: Path) -> None:
    page = tmp_path / "theirs.html"
    result = cli("report", "--check", str(shared), "--html", str(page))
    assert result.code == 0 and "gfx1010" in result.out
    content = shared.read_bytes()
    assert page.read_text() == render(read(content, "x"), digest_of(content))


def rewritten(path: Path, change: Any) -> bytes:
    """With another content, and the checksum of that."""
    data = json.loads(path.read_text())
    data.pop("checksum")
    change(data)
    text = json.dumps(data, indent=1).encode()
    from rdna_installer.codec import CHECKSUM, digest

    return CHECKSUM + digest(text).encode() + b'",' + text[1:] + b"\n"


BAD = {
    "no JSON": lambda path: b"<html>",
    "another JSON": lambda path: b'{"a": 1}',
    "nothing": lambda path: b"",
    "torn": lambda path: path.read_bytes()[:-30],
    "one letter": lambda path: path.read_bytes().replace(b"debian", b"ubuntu"),
    "a newer format": lambda path: rewritten(path, lambda d: d.update(format=FORMAT + 1)),
    "a key more": lambda path: rewritten(path, lambda d: d.update(host="alice-laptop")),
    "a text of theirs": lambda path: rewritten(path, lambda d: d["machine"].update(distro="alice-laptop")),
    "an address": lambda path: rewritten(path, lambda d: d.update(version="192.168.1.7")),
    "no number": lambda path: path.read_bytes().replace(b'"memory_gib": 16', b'"memory_gib": NaN'),
    "a key twice": lambda path: rewritten(path, lambda d: None).replace(b'"format": 1', b'"format": 1,\n "format": 1'),
    "as deep as can be": lambda path: b'{"checksum": ' + b"[" * 100_000,
    "too big": lambda path: path.read_bytes() + b" " * SIZE_LIMIT,
    "bytes": lambda path: b"\xff\xfe\x00" * 50,
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_one_clear_error(cli: Cli, shared: Path, tmp_path: Path, kind: str) -> None:
    shared.write_bytes(BAD[kind](shared))
    result = cli("report", "--check", str(shared), "--html", str(tmp_path / "never.html"))
    assert (result.code, result.out) == (4, "") and result.err.count("error:") == 1, result
    assert "[not-a-report]" in " ".join(result.err.split()) and "Traceback" not in result.err
    assert not (tmp_path / "never.html").exists() and "laptop" not in result.err.replace(str(tmp_path), "")


def test_a_key_twice_with_its_own_checksum_is_refused(cli: Cli, shared: Path) -> None:
    """What a parser would drop may hold anything."""
    from rdna_installer.codec import CHECKSUM, digest

    text = b'{\n "day": "alice-laptop",' + rewritten(shared, lambda d: None).rstrip(b"\n").partition(b'",')[2]
    shared.write_bytes(CHECKSUM + digest(text).encode() + b'",' + text[1:] + b"\n")
    result = cli("report", "--check", str(shared))
    assert result.code == 4 and "changed afterwards" in " ".join(result.err.split())


def test_a_file_that_cannot_be_read(cli: Cli, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("none.json", "fifo", "."):
        result = cli("report", "--check", str(tmp_path / name))
        assert result.code == 2 and "[cannot-read-report]" in " ".join(result.err.split()), result


def test_what_does_not_go_together(cli: Cli, sample: Path, shared: Path) -> None:
    for more in (("--show",), ("--json", "x.json"), ("--gfx", "gfx1010")):
        result = cli("report", "--check", str(shared), *more)
        assert result.code == 2 and "[report-or-check]" in " ".join(result.err.split())


def test_a_place_that_cannot_be_written(cli: Cli, sample: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "none" / "p.html", tmp_path / "file" / "p.html", tmp_path):
        result = cli("report", "--root", str(sample), "--html", str(place))
        assert result.code == 2 and result.out == "" and result.err.count("error:") == 1, result


@pytest.mark.parametrize("kind", ["a fifo", "a link", "a link to a stream", "a device", "a directory"])
def test_only_a_file_is_replaced(cli: Cli, sample: Path, tmp_path: Path, kind: str) -> None:
    """A device of all programs (/dev/null), or /dev/stdout, was a plain file afterwards."""
    place, log = tmp_path / "there/p", tmp_path / "run.log"
    place.parent.mkdir()
    (tmp_path / "precious").write_text("precious")
    log.write_text(LOG)
    if kind == "a device":
        try:
            os.mknod(place, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("no device can be made here: a fifo stood for it")
    elif kind == "a directory":
        place.mkdir()
    elif kind == "a fifo":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "precious" if kind == "a link" else "/proc/self/fd/1")
    was = place.lstat()
    root = ("--root", str(sample))
    for words in (("report", "--html"), ("report", "--json"), ("diagnose", "--here", str(log), "--html")):
        result = cli(*words, str(place), *root)
        assert result.code == 2 and result.err.count("error:") == 1 and kind[:6] in result.err, result
        assert (was.st_ino, was.st_mode) == (place.lstat().st_ino, place.lstat().st_mode)
        assert [*place.parent.iterdir()] == [place] and (tmp_path / "precious").read_text() == "precious"


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root writes is looked at as root")


@needs_root
def test_root_writes_into_no_folder_of_others(cli: Cli, sample: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, SAM, SAM)
    result = cli("report", "--root", str(sample), "--html", str(theirs / "p.html"))
    assert result.code == 3 and "[unsafe-directory]" in " ".join(result.err.split()) and not [*theirs.iterdir()]


@needs_root
def test_with_sudo_the_file_is_the_users(
    cli: Cli, sample: Path, open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = open_path / "theirs", open_path / "ours"
    for folder in (theirs, ours):
        folder.mkdir(0o755)
    os.chown(theirs, SAM, SAM)
    monkeypatch.setenv("SUDO_UID", str(SAM))
    monkeypatch.setenv("SUDO_USER", "sam")
    assert cli("report", "--root", str(sample), "--html", str(theirs / "p.html")).code == 0
    assert (theirs / "p.html").stat().st_uid == SAM
    result = cli("report", "--root", str(sample), "--html", str(ours / "p.html"))
    assert result.code == 2 and "permission denied" in result.err and not [*ours.iterdir()]


def test_the_page_of_a_log(cli: Cli, sample: Path, tmp_path: Path) -> None:
    log, page = tmp_path / "run of alice.log", tmp_path / "p.html"
    log.write_text(LOG)
    result = cli("diagnose", str(log), "--html", str(page), "--root", str(sample), "--here")
    assert result.code == 0 and "memory-access-fault" in result.out
    text = page.read_text()
    assert "memory-access-fault" in text and "RX 5600 XT" in text and "alice" not in text and "0x7f" not in text


def test_the_log_of_another_machine_says_nothing_of_this_one(cli: Cli, sample: Path, tmp_path: Path) -> None:
    log, page = tmp_path / "run.log", tmp_path / "p.html"
    log.write_text("Radeon RX 7900 XTX gfx1100\nLinux version 5.4.0-26-generic\n" + LOG)
    assert cli("diagnose", str(log), "--html", str(page), "--root", str(sample)).code == 0
    assert "5600" not in page.read_text() and "memory-access-fault" in page.read_text()


MACHINES = [*sorted((CAPTURES / "machines").glob("*")), *sorted((CAPTURES / "situations").glob("*/root"))]


@pytest.mark.skipif(not MACHINES, reason="no captured machines beside the checkout: the limits are not tried on them")
@pytest.mark.parametrize("place", spread(MACHINES, 3), ids=lambda p: p.name if p.name != "root" else p.parent.name)
def test_every_captured_machine_is_small_and_private(cli: Cli, tmp_path: Path, place: Path) -> None:
    page, file = tmp_path / "p.html", tmp_path / "p.json"
    begun = time.process_time()
    assert cli("report", "--root", str(place), "--html", str(page), "--json", str(file)).code == 0
    assert time.process_time() - begun < 10  # a second on a quiet machine; here others may be at work
    assert page.stat().st_size < 500_000 and file.stat().st_size < SIZE_LIMIT
    said = file.read_text() + page.read_text()
    names = (
        re.findall(r"^[^:\n]+:[^:\n]*:[0-9]{4}:", (place / "etc/passwd").read_text(), re.M)
        if (place / "etc/passwd").is_file()
        else []
    )
    assert not [name for name in names if name.split(":")[0] in said.split()] and "/home/" not in said


def test_a_released_file_stays_readable() -> None:
    """Golden: what format 1 looked like when it was released. Keys may be added with a default; none may go."""
    golden = Path(__file__).resolve().parents[1] / "golden" / "report" / "format-1.json"
    found = read(golden.read_bytes(), golden.name)
    assert found.probes and found.made and found.log and found.in_force and write(found) == golden.read_bytes()


def test_what_check_would_refuse_does_not_leave() -> None:
    from rdna_installer.codec import MisfitError

    bad = replace(Shared("0.1.0", "2026-11-28"), day="alice-laptop")
    assert b"alice" in written(bad, FORMAT)
    with pytest.raises(MisfitError, match="day"):
        write(bad)
