"""What ships is cited, in the catalogues, and true of the real modules."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest

from rdna_installer.knowledge.catalogue import Emit, Entry, find
from rdna_installer.knowledge.evidence import Strength
from rdna_installer.knowledge.load import Book, load_book
from rdna_installer.knowledge.rules import Rule
from rdna_installer.model import Layer

SOURCE = re.compile(r"https://[^ ]+\Z|linux [0-9.]+ [a-z0-9/_]+\.[ch](:[0-9]+)?\Z")
PARM = re.compile(r"parm: +([a-z0-9_]+):.*\(([a-z]+)\)", re.DOTALL)
BOOK = load_book()
RULES: list[Rule] = [*BOOK.rules, *(rule for name in BOOK.profile_names for rule in BOOK.profile(name).rules)]
ENTRIES: list[Entry] = [*BOOK.env.values(), *BOOK.kernel.values()]
SOURCED = [*RULES, *ENTRIES, *BOOK.targets.targets.values(), *BOOK.targets.wheels]
ROUTES = BOOK.targets.routes
SOURCED += [*(r for family in ROUTES.families.values() for r in family), *ROUTES.everywhere, *ROUTES.notes]


def name(thing: object) -> str:
    found = getattr(thing, "id", None) or getattr(thing, "key", None) or getattr(thing, "gfx", thing)
    return "-".join(sorted(found)) if isinstance(found, frozenset) else str(found)


@pytest.mark.parametrize("thing", SOURCED, ids=name)
def test_everything_has_a_source(thing: Rule) -> None:
    sources = [*thing.evidence, *getattr(thing, "counter", ())]
    assert thing.evidence
    assert all(SOURCE.match(evidence.url) for evidence in sources), [e.url for e in sources]


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_a_rule_sets_only_what_the_catalogue_allows(rule: Rule) -> None:
    for wanted in rule.settings:
        entry = find(BOOK.kernel if wanted.layer is Layer.KERNEL else BOOK.env, wanted.key)
        assert entry is not None, wanted.key
        assert entry.emit is Emit.RULE
        assert entry.problem(wanted.value) is None
        assert wanted.layer is not Layer.ENV or entry.layer is Layer.ENV


def test_rule_names_are_unique() -> None:
    names = [rule.id for rule in RULES]
    assert len(set(names)) == len(names)


def test_no_rule_stands_on_refuted_evidence() -> None:
    assert [rule.id for rule in RULES if rule.strength is Strength.REFUTED] == []


def test_recommended_puts_nothing_into_the_env_layer() -> None:
    assert [w.key for rule in BOOK.rules for w in rule.settings if w.layer is Layer.ENV] == []


def test_no_rule_sets_an_override_by_itself() -> None:
    """Overrides come from spoofs alone, which know the site's kernels and the other GPUs."""
    assert [rule.id for rule in RULES for w in rule.settings if w.key.startswith("HSA_OVERRIDE")] == []


def test_rdna1_is_never_reported_as_rdna2_by_default() -> None:
    spoofs = [r for r in BOOK.rules if r.spoof and r.spoof.gfx == "gfx1030" and "gfx1010" in r.when.gfx]
    assert {(r.id, r.spoof.grade.value if r.spoof else "", r.needs_measuring) for r in spoofs} == {
        ("rdna1-not-rdna2", "refused", False),
        ("rdna1-spoof-fp32", "risky", True),
        ("rdna1-rocm52", "risky", True),
    }


def test_every_target_of_the_kernel_that_can_compute_is_known(facts_dir: Path) -> None:
    with (facts_dir / "kernel" / "gfx-targets.tsv").open() as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    assert {row["gfx_target"] for row in rows} == set(BOOK.targets.targets)


def test_every_entry_says_since_when() -> None:
    """A version, "… or before" where older sources were not looked at, "no release", or "unknown"."""
    for entry in (*BOOK.env.values(), *BOOK.kernel.values()):
        assert entry.since, entry.key


@pytest.mark.parametrize("release", ["6.1.0-56", "6.12.95", "7.2.13"])
def test_parameters_agree_with_the_real_modules(facts_dir: Path, release: str) -> None:
    """Each parameter is in the modules of its versions, with its type."""
    lines = (facts_dir / "kernel" / f"modinfo-{release}.txt").read_text()
    found = dict(PARM.findall(line)[0] for line in re.split(r"\n(?=[a-z]+: )", lines) if PARM.search(line))
    version = tuple(int(part) for part in release.split("-", maxsplit=1)[0].split(".")[:2])
    for entry in BOOK.kernel.values():
        if "." in entry.key or entry.emit is Emit.NEVER:
            assert entry.key not in found
            continue
        oldest = "6.1" if entry.since == "6.1 or before (oldest kernel looked at)" else entry.since or ""
        since = tuple(int(part) for part in oldest.split("."))
        until = tuple(int(part) for part in (entry.until or "999.0").split("."))
        assert (entry.key in found) is (since <= version < until), entry.key
        if entry.key in found and version >= (7, 2):
            assert entry.type == found[entry.key]


def test_kernel_sources_are_where_the_facts_say(facts_dir: Path) -> None:
    with (facts_dir / "kernel" / "amdgpu-params.tsv").open() as table:
        lines = {f"linux {row['kernel']} {row['file:line']}" for row in csv.DictReader(table, delimiter="\t")}
    for entry in BOOK.kernel.values():
        for evidence in entry.evidence:
            if "amdgpu_drv.c" in evidence.url:
                assert evidence.url in lines


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("noretry", "banana", "does not load"),
        ("noretry", "2", "from -1 to 1"),
        ("noretry", "1", None),
        ("noretry", "0x1", None),
        ("noretry", "-1", None),
        ("noretry", "1\nblacklist amdgpu", "not printable"),
        ("noretry", "", "needs a value"),
        ("vm_fragment_size", "3", "takes -1, 4"),
        ("vm_fragment_size", "9", None),
        ("ppfeaturemask", "0xffffffff", None),
        ("ttm.pages_limit", "4194304", None),
        ("ttm.pages_limit", "16", "integer from"),
        ("ttm.pages_limit", "01000000", None),  # 262144: the kernel reads it octal
        ("ttm.pages_limit", "0262144", "integer from"),  # 91236
        ("ttm.pages_limit", "0299999", "integer from"),  # no octal number
        ("noretry", "+1", None),
        ("MIOPEN_LOG_LEVEL", "05", "integer from"),
        ("MIOPEN_LOG_LEVEL", "0x5", "integer from"),
        ("MIOPEN_LOG_LEVEL", "5", None),
        ("no_system_mem_limit", "true", "takes"),  # the proof knows Y, N, 1, 0, on and off only
        ("MIOPEN_FIND_MODE", "banana", "stoul"),
        ("MIOPEN_FIND_MODE", "fast", None),
        ("MIOPEN_FIND_MODE", "4", "takes"),
        ("MIOPEN_DEBUG_CONV_GEMM", "off", "throws"),
        ("HSA_OVERRIDE_GFX_VERSION", "10.3.0", None),
        ("HSA_OVERRIDE_GFX_VERSION", "gfx1030", "no GPU is found"),
        ("HSA_OVERRIDE_GFX_VERSION_1", "10.3.0", None),
        ("HSA_OVERRIDE_GFX_VERSION_x", "10.3.0", LookupError),
        ("ROCR_VISIBLE_DEVICES", "GPU-5e1b2c3d4e5f6071", None),
        ("ROCR_VISIBLE_DEVICES", "GPU-5XYZ", "sees no GPU"),
        ("PYTORCH_NO_HIP_MEMORY_CACHING", "0", "takes 1"),
        ("no_system_mem_limit", "y", None),
        ("no_system_mem_limit", "2", "takes"),
    ],
)
def test_values(key: str, value: str, says: object) -> None:
    entry = BOOK.entry(key)
    if says is LookupError:
        assert entry is None
        return
    assert entry is not None
    problem = entry.problem(value)
    assert problem is None if says is None else says in (problem or "")


def test_recommended_loads_no_catalogue() -> None:
    book: Book = load_book()
    book.profile("recommended")
    assert not {"env", "kernel"} & set(vars(book))


@pytest.mark.parametrize("gfx", sorted(BOOK.targets.targets))
def test_what_is_about_a_target_is_all_that_can_hold_for_it(gfx: str) -> None:
    about = load_book(about={gfx}).rules
    assert [r for r in about if gfx in r.when.gfx] == [r for r in BOOK.rules if gfx in r.when.gfx]
    assert all(rule.when.gfx for rule in BOOK.rules), "a rule for all targets would be left out"


@pytest.mark.processes
def test_loading_needs_no_slow_module() -> None:
    import subprocess

    code = (
        "import sys; from rdna_installer.knowledge.load import load_book; load_book();"
        "print([m for m in ('packaging', 'difflib', 'subprocess') if m in sys.modules])"
    )
    path = str(Path(__file__).resolve().parents[3] / "installer")
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
