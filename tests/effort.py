"""How much of a long row of like cases is tried: by continuous integration a spread of them, on demand every one.

``RDNA_TEST_QUICK=1``, which is ``tests/run --quick``, is for between two edits: of each function one or two cases.
``RDNA_TEST_FAST=1``, which is ``tests/run --fast``, is for before a commit: of each function two cases, of what
starts processes one, and nothing that takes long by itself.
``RDNA_TEST_LONG=1 tests/run PATHS`` is the long run, before a release. The short one leaves out cases, never a kind of
case: whoever leaves some out says which.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import pytest

LONG = bool(os.environ.get("RDNA_TEST_LONG"))
QUICK = bool(os.environ.get("RDNA_TEST_QUICK"))
FAST = bool(os.environ.get("RDNA_TEST_FAST"))
# Too slow between two edits: they start a torch, compile, or try hundreds of inputs.
NOT_QUICK = (
    *("runtime/test_real_torch.py", "conv/test_callers.py", "conv/test_any_geometry.py", "::test_hostile_input_"),
    *(
        "::test_generated_trees_",
        "::test_all_that_is_not_printable_",
        "::test_every_captured_",
        "::test_it_does_not_matter_how",
        "::test_killed_at_",
        "::test_pip_installs_a_set_",
        "::test_families_of_messages_",
    ),
)
# Five seconds and more by themselves.
NOT_FAST = (
    *("tests/crash/", "tests/fuzz/", "tests/oracle/", "tests/security/"),
    *("cli/test_cli_probe.py", "cli/test_cli_interrupted.py"),
    *("::test_damaged_states", "::test_an_interrupted_purge_", "::test_the_command_is_the_same_demo"),
    *("::test_root_without_sudo_sees_", "::test_a_machine_without_secrets_", "::test_an_upgraded_torch_is_drift_"),
    *("cli/test_cli_owners.py", "cli/test_cli_trial_cuts.py", "::test_what_was_done_before_", "::test_roots_way_back_"),
    *("::test_what_is_kept_is_forgotten_", "::test_the_command_says_how_old_", "::test_every_string_of_the_state"),
)
T = TypeVar("T")


def spread(items: Iterable[T], every: int, first: int = 0) -> list[T]:
    """Each item whose place is ``first`` modulo ``every``; in the long run all of them."""
    held = list(items)
    return held if LONG else held[first % every :: every]


def here(number: int, first: int = 4, every: int = 4) -> bool:
    """Whether the short run looks at step ``number`` (from 1) of a row whose length is not known before."""
    return LONG or number <= first or number % every == 0


def tries(short: int, long: int) -> int:
    """So many tries."""
    return long if LONG else short


def quick(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Of each test the first two cases; of a file's tests that start processes, the first three and one case each."""
    return [*_few(items, NOT_QUICK, cases=2, starting=1, tests=3)]


def fast(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Of each test the first two cases, of those that start processes one."""
    return [*_few(items, (*NOT_QUICK, *NOT_FAST), cases=2, starting=1, tests=None)]


def _few(
    items: Iterable[pytest.Item], without: Sequence[str], *, cases: int, starting: int, tests: int | None
) -> Iterator[pytest.Item]:
    """``tests``: so many of a file's tests that start processes."""
    met: Counter[str] = Counter()
    starts: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("system") or any(part in item.nodeid for part in without):
            continue
        file, test = item.nodeid.split("::")[0], item.nodeid.split("[")[0]
        met[test] += 1
        if item.get_closest_marker("processes"):
            starts[file] += met[test] == 1
            if met[test] <= starting and (tests is None or starts[file] <= tests):
                yield item
        elif met[test] <= cases:
            yield item
