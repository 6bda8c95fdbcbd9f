"""The catalogues hold everything the facts name, and what they say of the kernel is what its source says."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from rdna_installer.knowledge.catalogue import Emit, find
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.rules import Rule
from rdna_installer.model import Layer
from rdna_installer.plan.prove import problem

BOOK = load_book()
RULES: list[Rule] = [*BOOK.rules, *(rule for name in BOOK.profile_names for rule in BOOK.profile(name).rules)]
PREFIXES = "MIOPEN|HSA|HIP|ROCR|ROCM|GPU|AMD|AMDGCN|PYTORCH|TORCH|TORCHINDUCTOR|TRITON|COMFYUI|CUDA|LD"
VARIABLE = re.compile(rf"\b(?:{PREFIXES})_[A-Z0-9_]*[A-Z0-9]\b")
# Words of the facts that are no variables, and shortened ones whose whole name is there too.
NOT_VARIABLES = {"HSA_OVERRIDE", "PYTORCH_TUNABLEOP", "MIOPEN_DEBUG_CONV_DIRECT_NAIVE_CONV"}


@pytest.mark.parametrize("name", ["env-vars.md", "pytorch-conv.md"])
def test_every_variable_of_the_facts_is_described(facts_dir: Path, name: str) -> None:
    text = (facts_dir / name).read_text()
    names = {n for n in VARIABLE.findall(text) if not n.startswith("HSA_STATUS")} - NOT_VARIABLES
    assert len(names) > 5
    assert sorted(n for n in names if find(BOOK.env, n) is None) == []


def test_every_parameter_of_the_facts_is_described(facts_dir: Path) -> None:
    text = (facts_dir / "kernel-params.md").read_text() + (facts_dir / "pytorch-conv.md").read_text()
    with (facts_dir / "kernel" / "amdgpu-params.tsv").open() as table:
        real = {row["param"] for row in csv.DictReader(table, delimiter="\t")}
    named = {word for word in re.findall(r"`([a-z][a-z_]+)(?:=[^`]*)?`", text) if word in real}
    assert len(named) > 8
    assert sorted(word for word in named if word not in BOOK.kernel) == []
    assert {"ttm.pages_limit", "amdttm.pages_limit", "gtt_size"} <= set(BOOK.kernel)


def test_taints_are_those_of_the_source(facts_dir: Path) -> None:
    with (facts_dir / "kernel" / "amdgpu-params.tsv").open() as table:
        unsafe = {row["param"] for row in csv.DictReader(table, delimiter="\t") if "UNSAFE" in row["type"]}
    ours = {entry.key for entry in BOOK.kernel.values() if entry.taints}
    # ppfeaturemask is no unsafe parameter: the driver itself taints when overdrive is turned on by it.
    assert ours - {"ppfeaturemask"} == unsafe & set(BOOK.kernel)


@pytest.mark.parametrize("entry", BOOK.env.values(), ids=lambda entry: entry.key)
def test_a_variable_says_when_it_is_read_and_what_a_bad_value_does(entry: object) -> None:
    found = BOOK.env[entry.key]  # type: ignore[attr-defined]
    assert found.summary
    assert found.values.described
    if found.emit is not Emit.NEVER:
        assert found.read
    if found.component == "MIOpen" and found.values.words == ("0", "1"):
        assert "throws" in (found.consequence or "")


@pytest.mark.parametrize("release", ["6.1.0-56", "6.12.95", "7.2.13"])
def test_kernel_options_of_rules_are_valid_in_the_real_modules(facts_dir: Path, release: str) -> None:
    blocks = re.split(r"\n(?=[a-z]+: )", (facts_dir / "kernel" / f"modinfo-{release}.txt").read_text())
    found = [re.search(r"\Aparm: +([a-z0-9_]+):.*\(([a-z]+)\)", block, re.DOTALL) for block in blocks]
    types = {m[1]: m[2] for m in found if m}
    options = [(rule, wanted) for rule in RULES for wanted in rule.settings if wanted.layer is Layer.KERNEL]
    assert options
    for rule, wanted in options:
        claimed = rule.when.kernel is None or rule.when.kernel.contains(release)
        if claimed:
            assert wanted.key in types, f"{rule.id}: {wanted.key} is not in {release}"
            assert problem(types[wanted.key], wanted.value) is None
        assert BOOK.kernel[wanted.key].problem(wanted.value) is None
