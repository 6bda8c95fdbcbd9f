"""The unified diff of one path, as people see it."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.model import Absent, Actual, ChangeKind, File, Resource
from rdna_installer.plan.change import as_actual, as_resource, make_change

PATH = PurePosixPath("/etc/x.conf")
NOTHING = Actual(PATH)


def there(content: bytes, mode: int = 0o644, owner: int = 0) -> Actual:
    return as_actual(File(PATH, content, mode, owner))


CASES = [
    (NOTHING, File(PATH, b"a\n"), ChangeKind.CREATE, "--- /dev/null\n+++ b/etc/x.conf\n@@ -0,0 +1 @@\n+a\n"),
    (
        there(b"a\nb\n"),
        File(PATH, b"a\nc\n"),
        ChangeKind.REPLACE,
        "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    ),
    (there(b"a\n"), Absent(PATH), ChangeKind.REMOVE, "--- a/etc/x.conf\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"),
    (
        there(b"a\n", 0o600, 7),
        File(PATH, b"a\n"),
        ChangeKind.REPLACE,
        "old mode 0600\nnew mode 0644\nold owner 7:0\nnew owner 0:0\n",
    ),
    (there(b"\xff"), File(PATH, b"a\n"), ChangeKind.REPLACE, "Binary file /etc/x.conf differs\n"),
    (
        there(b"a\x1b[2J"),
        File(PATH, b"a\n"),
        ChangeKind.REPLACE,
        "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1 +1 @@\n-a\\x1b[2J\n\\ No newline at end of file\n+a\n",
    ),
    (
        Actual(PATH, link="/elsewhere", mode=0o777),
        File(PATH, b"a\n"),
        ChangeKind.REPLACE,
        "--- a/etc/x.conf\n+++ b/etc/x.conf\n@@ -1 +1 @@\n-(a link to /elsewhere)\n+a\n",
    ),
]


@pytest.mark.parametrize(("before", "after", "kind", "diff"), CASES)
def test_change(before: Actual, after: Resource, kind: ChangeKind, diff: str) -> None:
    change = make_change(before, after)
    assert change is not None
    assert (change.kind, change.diff, change.before, change.after) == (kind, diff, before, after)


@pytest.mark.parametrize(("before", "after"), [(NOTHING, Absent(PATH)), (there(b"a\n"), File(PATH, b"a\n"))])
def test_no_change(before: Actual, after: Resource) -> None:
    assert make_change(before, after) is None


def test_a_directory_in_the_way() -> None:
    with pytest.raises(RdnaError, match="a directory is where"):
        make_change(Actual(PATH, special="a directory"), File(PATH, b"a\n"))


@pytest.mark.parametrize("wanted", [there(b"a\n", 0o600, 5), NOTHING, Actual(PATH, link="x", mode=0o777)])
def test_a_recorded_state_becomes_a_resource_again(wanted: Actual) -> None:
    assert as_actual(as_resource(PATH, wanted, NOTHING)).same_as(wanted)
