"""A package's knowledge files are read already: they say what the YAML says, and nothing else is ever believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rdna_installer import resources
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import form, load_book
from rdna_installer.knowledge.shipped import names, pack, parse_all, shipped
from rdna_installer.knowledge.yamlfile import YamlNode, parse

FILES = sorted(str(p.relative_to(resources.data()))[:-5] for p in resources.data().rglob("*.yaml"))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The knowledge files of a package: a copy of ours, with the parsed ones beside them."""
    copy = tmp_path / "data"
    shutil.copytree(resources.data(), copy)
    for name, content in parse_all(copy).items():
        (copy / name).write_bytes(content)
    monkeypatch.setattr(resources, "data", lambda: copy)
    return copy


@pytest.mark.parametrize("name", FILES)
def test_what_is_shipped_says_what_its_yaml_says(name: str) -> None:
    """In the package's own tests this is about the parsed files that are in it."""
    yaml = parse((resources.data() / f"{name}.yaml").read_bytes(), f"{name}.yaml (shipped)")
    kind, read = form(name)
    if kind is not YamlNode:
        assert shipped(name) == read(yaml)
        return
    assert pack(shipped(name)) == pack(yaml)
    assert shipped(name).source == yaml.source


def test_whatever_a_command_reads_often_is_records(data: Path) -> None:
    nodes = [name for name in FILES if form(name)[0] is YamlNode]
    seldom = {"checkouts", "indexes", "leftovers", "recipes", "signatures", "solvers", "systems"}
    assert {name.partition("/")[0] for name in nodes} == seldom
    for name in set(FILES).difference(nodes):
        (data / f"{name}.yaml").write_text("- not this\n")
        assert shipped(name)


def test_there_is_one_for_each_and_it_is_what_is_read(data: Path) -> None:
    assert sorted(parse_all(data)) == [f"{name}.json" for name in FILES]
    for name in FILES:
        (data / f"{name}.yaml").write_text("- not this\n")
    assert {"rdna1", "vega"} <= set(names("rules"))
    assert pack(shipped("systems"))[1].keys() >= {"systems"}
    assert len(load_book().rules) > 10


def test_the_lines_are_those_of_the_yaml(data: Path) -> None:
    written = (data / "rules/rdna1.yaml").read_text().splitlines()
    for rule in shipped("rules/rdna1"):
        source, _, line = rule.where.rpartition(":")
        assert source == "rules/rdna1.yaml (shipped)"
        assert f"id: {rule.id}" in written[int(line) - 1]


def test_files_about_nobody_here_are_not_read(data: Path) -> None:
    assert shipped("rules/vega", [b"gfx1010"]) is None
    assert shipped("rules/vega", [b"gfx1010", b"gfx90"]) is not None


@pytest.mark.parametrize("name", ["targets", "systems"])
@pytest.mark.parametrize("damage", [b"", b"[1", b"{}", b"7", b'[1,"a",2]', b"[1,[2]]", b"\xff"])
def test_a_damaged_one_is_refused_and_says_what_to_do(data: Path, name: str, damage: bytes) -> None:
    (data / f"{name}.json").write_bytes(damage)
    with pytest.raises(RdnaError) as refused:
        shipped(name)
    assert refused.value.reference == "bad-rule"
    assert refused.value.context == f"{name}.yaml (shipped)"
    assert refused.value.hint == "install the program again"


@pytest.mark.parametrize(("was", "now"), [(b"container", b"bucket"), (b"gfx1010", b"gfx1011")])
def test_a_packer_that_changes_something_stops_the_build(
    data: Path, monkeypatch: pytest.MonkeyPatch, was: bytes, now: bytes
) -> None:
    from rdna_installer.knowledge import shipped as module

    right = module.unpack
    monkeypatch.setattr(module, "unpack", lambda kind, content, of: right(kind, content.replace(was, now), of))
    with pytest.raises(RdnaError, match="its parsed copy says something else"):
        parse_all(data)
