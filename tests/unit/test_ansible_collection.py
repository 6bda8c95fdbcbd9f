"""The Ansible collection without Ansible: its options are the command line's, and who may go when is decided purely."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import jinja2
import pytest
import yaml
from jinja2 import nodes

from rdna_installer.cli.app import app as commands

PLUGINS = Path(__file__).resolve().parents[2] / "packaging/ansible/plugins"


def _load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"collection_{Path(path).stem}", PLUGINS / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cli, fleet = _load("module_utils/cli.py"), _load("filter/fleet.py")
REQUEST = (cli.OWNER, cli.HARDWARE, cli.REQUEST)
TAKEN = {
    "apply": (*REQUEST, cli.WAYS, {"restart": {}}), "uninstall": (cli.OWNER, cli.WAYS, {"restart": {}}),
    "rollback": (cli.OWNER, cli.WAYS, {"restart": {}}, {"to": {}}),
    "detect": (cli.HARDWARE,), "verify": (cli.OWNER, cli.HARDWARE, cli.LOOKS),
}  # fmt: skip


def _command(name: str) -> click.Command:
    found = commands.get_command(commands.make_context("x", [], resilient_parsing=True), name)
    assert found is not None
    return found


@pytest.mark.parametrize("command", TAKEN)
def test_every_option_is_one_of_the_command(command: str) -> None:
    values = {"settings": {"a": "b"}, "layers": ["env"], "services": ["ollama"], "pythons": ["/x"], "unset": ["a"]}
    values |= {"restart": ["ollama"]}
    values |= {"on_drift": "keep", "initramfs": False, "compute": True, "running": True}
    given = {name: values.get(name, "1") for spec in TAKEN[command] for name in spec}
    words = cli.words(given, *TAKEN[command])
    found = _command(command)
    known = {name for param in found.params for name in param.opts}
    assert {word.partition("=")[0] for word in words} <= known
    assert len(words) == len(given)


def test_a_value_of_yaml_is_the_word_it_stands_for() -> None:
    usual = {"on_drift": "fail", "initramfs": True, "settings": {"a": True, "b": False, "c": 2, "d": "x y"}}
    assert cli.words(usual, cli.WAYS, {"settings": {}}) == ["--set=a=1", "--set=b=0", "--set=c=2", "--set=d=x y"]
    assert cli.words({**usual, "settings": {}, "on_drift": "overwrite"}, cli.WAYS, {"settings": {}}) == ["--overwrite"]


def test_choices_are_those_of_the_command() -> None:
    found = _command("apply")
    offered = {name: param.type for param in found.params for name in param.opts}
    for name in ("use", "layers", "conv", "trial"):
        choices = list(getattr(offered[f"--{cli.WORDS.get(name, name)}"], "choices"))  # noqa: B009
        assert choices == cli.REQUEST[name]["choices"], name


def _facts(**other: object) -> dict[str, object]:
    torch = [{"origin": "pytorch", "version": "2.9"}]
    return {
        "device_ids": ["1002:73ff"], "gfx": ["gfx1032"], "kernel": "6.1", "distribution": "debian 12",
        "initramfs": "initramfs-tools", "torch": torch, **other,
    }  # fmt: skip


def test_a_class_is_what_the_layers_depend_on() -> None:
    newer, torch = _facts(kernel="6.12"), _facts(torch=[{"origin": "therock", "version": "2.10"}])
    for layers, by_kernel, by_torch in (
        (["kernel"], True, False), (["python"], False, True), (["services"], False, True), ([], True, True),
    ):  # fmt: skip
        plain = fleet.gpu_class(_facts(), layers)
        assert (fleet.gpu_class(newer, layers) != plain) == by_kernel
        assert (fleet.gpu_class(torch, layers) != plain) == by_torch
        assert fleet.gpu_class(_facts(gfx=["gfx1030"]), layers) != plain


def test_one_of_each_class_goes_first_and_batches_mix_classes() -> None:
    known = {name: {"gpu_class": name[0]} for name in ("a1", "a2", "a3", "b1", "b2", "c1")}
    known["a2"]["gpu_canary"] = True
    order = fleet.gpu_rollout(list(known), known)
    assert order == {"canaries": ["a2", "b1", "c1"], "followers": ["a1", "b2", "a3"]}


@pytest.mark.parametrize(
    ("canary", "others", "allowed", "stopped"),
    [
        (True, [], 0, ""), (False, [], 0, "did not pass"), (None, [], 0, "did not pass"),
        (True, [True, False], 0, "failed: a2"), (True, [False, None], 1, ""),
        (True, [False, False], 1, "failed: a1, a2"),
    ],
)  # fmt: skip
def test_followers_go_only_where_their_class_is_well(
    canary: bool | None, others: list[bool | None], allowed: int, stopped: str
) -> None:
    known = {"a0": {"gpu_class": "a", "gpu_passed": canary}, "b0": {"gpu_class": "b", "gpu_passed": False}}
    known |= {f"a{n}": {"gpu_class": "a", "gpu_passed": passed} for n, passed in enumerate(others, 1)}
    known["a9"] = {"gpu_class": "a"}
    followers = [name for name in known if name not in ("a0", "b0")]
    why = fleet.gpu_stopped("a9", ["a0", "b0"], followers, known, str(allowed))
    assert stopped in why and bool(why) == bool(stopped), why


def test_the_report_has_every_machine_and_says_why() -> None:
    known = {
        "h1": {"gpu_state": "current", "gpu_passed": True, "ansible_facts": {"rdna": _facts(version="1", way_back=[])}},
        "h2": {"gpu_state": "unreachable"},
        "h4": {"gpu_state": "pending", "gpu_stood": "refused", "ansible_facts": {"rdna": {}}},
        "h5": {"gpu_state": "current", "gpu_stood": "pending", "gpu_passed": True},
        "h3": {"gpu_state": "refused", "ansible_facts": {"rdna": _facts(version="1", kernel="6.12",
            way_back=["watchdog"], error={"message": "no", "reference": "no-gpu"})}},
    }  # fmt: skip
    known["h6"] = {"gpu_state": "pending", "gpu_passed": False, "gpu_why": "rolled-back"}
    known["h7"] = {"gpu_state": "pending", "gpu_stood": "pending", "gpu_why": "not touched: h6"}
    known["h8"] = {"gpu_state": "failed", "ansible_facts": {"rdna": {"error": {"message": "x", "reference": "drift"}}}}
    known["h9"] = {"gpu_state": "current", "gpu_stood": "pending", "gpu_passed": False, "gpu_why": "not verified"}
    rows = fleet.gpu_rows(known, known)
    assert [name for name, row in sorted(rows.items()) if not row["done"]] == ["h2", "h4", "h6", "h7", "h8", "h9"]
    assert rows["h1"]["note"] == "nothing boots it after a panic" and rows["h3"]["note"] == "no [no-gpu]"
    assert rows["h4"]["note"] == "stepped out: it was refused" and rows["h5"]["note"] == ""
    table = fleet.gpu_table(rows)
    assert (
        all(f"\n{name} " in table for name in known) and "differs among 1002:73ff: kernel: 6.1 (h1); 6.12 (h3)" in table
    )


def _conditions(found: object) -> Iterator[str]:
    """Every ``when`` and ``that`` in a file, however deep."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("when", "that", "until", "failed_when", "changed_when"):
                yield from map(str, value if isinstance(value, list) else [value])
            else:
                yield from _conditions(value)
    elif isinstance(found, list):
        for each in found:
            yield from _conditions(each)


def _is_truth(node: nodes.Node) -> bool:
    """Whether it is true or false whatever its variables are; ``a or b`` is one of the two as it stands."""
    if isinstance(node, nodes.And | nodes.Or):
        return _is_truth(node.left) and _is_truth(node.right)
    told = isinstance(node, nodes.Getattr) and node.attr in (
        "reboot_required",
        "refused",
    )  # our modules return these so
    plain = isinstance(node, nodes.Const) and isinstance(node.value, bool)
    return (
        plain
        or told
        or isinstance(node, nodes.Not | nodes.Compare | nodes.Test)
        or (isinstance(node, nodes.Filter) and node.name == "bool")
    )


def test_conditions_are_true_or_false_and_nothing_else() -> None:
    """ansible-core 2.19 refuses "name of a package" as one; 2.14 takes it."""
    files = [*PLUGINS.parent.glob("playbooks/*.yml"), *PLUGINS.parent.glob("roles/gpu/*/*.yml")]
    files.append(PLUGINS.parents[2] / "tests/system/fleet/options.yml")
    said = [(file.name, text) for file in files for text in _conditions(yaml.safe_load(file.read_text()))]
    assert len(said) > 30
    parsed = [(*each, jinja2.Environment(autoescape=False).parse("{{" + each[1] + "}}").body[0]) for each in said]
    assert [each[:2] for each in parsed if not _is_truth(each[2].nodes[0])] == []
