"""The unified diff of one path, as people see it."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.model import ChangeKind, FileState, regular
from rdna_installer.plan.plan import make_change, to_restore

PATH = PurePosixPath("/etc/x.conf")
NOTHING = FileState(PATH)


def there(content: bytes, mode: int = 0o644, owner: int = 0) -> FileState:
    return regular(PATH, content, mode, owner)


CASES = [
    (NOTHING, regular(PATH, b"a\n"), ChangeKind.CREATE, "--- /dev/null\n+++ b/etc/x.conf\n@@ -0,0 +1 @@\n+a\n"),
    (
        there(b"a\nb\n"),
        regular(PATH, b"a\nc\n"),
        ChangeKind.REPLACE,
        "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    ),
    (there(b"a\n"), FileState(PATH), ChangeKind.REMOVE, "--- a/etc/x.conf\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"),
    (
        there(b"a\n", 0o600, 7),
        regular(PATH, b"a\n"),
        ChangeKind.REPLACE,
        "old mode 0600\nnew mode 0644\nold owner 7:0\nnew owner 0:0\n",
    ),
    (there(b"\xff"), regular(PATH, b"a\n"), ChangeKind.REPLACE, "Binary file /etc/x.conf differs\n"),
    (
        there(b"a\x1b[2J"),
        regular(PATH, b"a\n"),
        ChangeKind.REPLACE,
        "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1 +1 @@\n-a\\x1b[2J\n\\ No newline at end of file\n+a\n",
    ),
    (
        FileState(PATH, link="/elsewhere", mode=0o777),
        regular(PATH, b"a\n"),
        ChangeKind.REPLACE,
        "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1 +1 @@\n-(a link to /elsewhere)\n+a\n",
    ),
]


@pytest.mark.parametrize(("before", "after", "kind", "diff"), CASES)
def test_change(before: FileState, after: FileState, kind: ChangeKind, diff: str) -> None:
    change = make_change(before, after)
    assert change is not None
    assert (change.kind, change.diff, change.before, change.after) == (kind, diff, before, after)


@pytest.mark.parametrize(("before", "after"), [(NOTHING, FileState(PATH)), (there(b"a\n"), regular(PATH, b"a\n"))])
def test_no_change(before: FileState, after: FileState) -> None:
    assert make_change(before, after) is None


def test_a_directory_in_the_way() -> None:
    with pytest.raises(RdnaError, match="a directory is where"):
        make_change(FileState(PATH, special="a directory"), regular(PATH, b"a\n"))


@pytest.mark.parametrize("wanted", [there(b"a\n", 0o600, 5), NOTHING, FileState(PATH, link="x", mode=0o777)])
def test_a_recorded_state_can_be_restored(wanted: FileState) -> None:
    assert to_restore(PATH, wanted, NOTHING).same_as(wanted)
