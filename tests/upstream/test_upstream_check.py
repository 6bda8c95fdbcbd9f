"""tools/upstream-check on recorded histories (``recorded/``, made by ``record``): replays, mutants, what it says."""

from __future__ import annotations

import copy
import itertools
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from upstream import main
from upstream.book import Product, Source, claims, load
from upstream.clones import Clone, find_component, version
from upstream.compare import Row
from upstream.extract import Facts, therock_table, therock_targets
from upstream.main import SILENT, World, judge, look, read_again

pytestmark = pytest.mark.processes
HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden.json").read_text())
LAB = HERE.parents[2] / "shared/lab/upstream/golden"
TOOL = HERE.parents[1] / "tools/upstream-check"
PRODUCT = load(main.KNOWLEDGE / "knowledge/data", main.KNOWLEDGE / "detect/pciids.tsv")


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    below = tmp_path_factory.mktemp("clones")
    for bundle in sorted((HERE / "recorded").glob("*.bundle")):
        subprocess.run(["git", "clone", "-q", "--bare", bundle, below / bundle.stem], check=True, timeout=60)
    return below


@pytest.fixture(scope="module")
def world(clones: Path) -> World:
    return look(clones)


def changed(before: Facts, after: Facts, name: str) -> dict[str, tuple[str, str]]:
    both = sorted(before.keys() & after.keys())
    return {
        k: (before[k].get(name, ""), after[k].get(name, "")) for k in both if before[k].get(name) != after[k].get(name)
    }


def came(before: Facts, after: Facts) -> dict[str, list[str]]:
    return {"added": sorted(after.keys() - before.keys()), "removed": sorted(before.keys() - after.keys())}


def test_twenty_steps_of_miopen_are_replayed(world: World) -> None:
    releases = dict(world.known["miopen_variables"].releases)
    steps = []
    for step in GOLDEN["miopen"]:
        before, after = (releases[version(step[end])] for end in ("from", "to"))
        kinds = len(changed(before, after, "kind"))
        steps.append({"from": step["from"], "to": step["to"], **came(before, after), "kind_only_changes": kinds})
    assert len(steps) == 20
    assert steps == GOLDEN["miopen"]


def test_four_steps_of_the_kernel_are_replayed(world: World) -> None:
    releases = {
        v: {k: f for k, f in facts.items() if "." not in k} for v, facts in world.known["kernel_parameters"].releases
    }
    steps = []
    for step in GOLDEN["kernel"]:
        before, after = (releases[version(step[end])] for end in ("from", "to"))
        unsafe = [key for key, pair in changed(before, after, "unsafe").items() if pair[1]]
        pairs = {name: {k: list(v) for k, v in changed(before, after, name).items()} for name in ("type", "text")}
        steps.append({"from": step["from"], "to": step["to"], **came(before, after), "became_unsafe": unsafe, **pairs})
    assert len(steps) == 4
    assert steps == GOLDEN["kernel"]


def test_sixty_seven_steps_of_therock_are_replayed(clones: Path) -> None:
    clone = Clone("ROCm/TheRock", clones / "ROCm+TheRock")
    log = (clone.git("log", "--reverse", "--format=%H %s", "HEAD") or b"").decode().split("\n")
    states = []
    for commit, subject in (line.split() for line in log if line and not line.endswith("HEAD")):
        texts = (clone.text(commit, p) or "" for p in ("cmake/therock_amdgpu_targets.cmake", "SUPPORTED_GPUS.md"))
        states.append((subject, therock_targets(next(texts)), therock_table(next(texts))))
    steps = [therock_step(*pair) for pair in itertools.pairwise(states)]
    expected = [{k: v for k, v in step.items() if k not in ("date", "empty")} for step in GOLDEN["therock"]]
    assert len(steps) == 67
    assert sum(len(step) > 1 for step in steps) == 42
    assert steps == expected


def therock_step(before: tuple[str, Facts, Facts], after: tuple[str, Facts, Facts]) -> dict[str, Any]:
    moved = came(before[1], after[1])
    step: dict[str, Any] = {"targets_added": moved["added"], "targets_removed": moved["removed"]}
    for ours, theirs in (("family", "family"), ("excluded", "excluded")):
        sets = {gfx: [set(each.split()) for each in pair] for gfx, pair in changed(before[1], after[1], ours).items()}
        step[theirs] = {g: {"+": sorted(new - old), "-": sorted(old - new)} for g, (old, new) in sets.items()}
    ticks = [{gfx: fact["ticks"].split() for gfx, fact in table.items()} for table in (before[2], after[2])]
    rows = sorted(ticks[0].keys() | ticks[1].keys())
    step["table"] = {g: [t.get(g) for t in ticks] for g in rows if ticks[0].get(g) != ticks[1].get(g)}
    return {"commit": after[0], **{key: value for key, value in step.items() if value}}


def test_the_golden_steps_are_those_of_the_lab() -> None:
    if not LAB.is_dir():
        pytest.skip("no ../shared/lab here: that golden.json is the lab's was not tested")
    for name, file in (("miopen", "miopen_env"), ("kernel", "kernel_params"), ("therock", "therock")):
        theirs = json.loads((LAB / f"{file}.json").read_text())
        kept = [
            {k: v for k, v in step.items() if k != "repo" and (name != "therock" or v not in ([], {}))}
            for step in theirs
        ]
        assert GOLDEN[name] == kept


def wrong(product: Product, world: World) -> list[Row]:
    return [row for row in judge(product, world) if row.outcome not in SILENT]


def test_what_we_say_is_borne_out(world: World) -> None:
    assert wrong(PRODUCT, world) == []
    silent = {row.key for row in judge(PRODUCT, world)}
    assert len(silent) < 60  # or it says nothing because it sees nothing


def test_from_6_0_to_6_1_macros_change_and_no_key_of_ours_does(world: World) -> None:
    known = world.known["miopen_variables"]
    pair = [(v, facts) for v, facts in known.releases if v in ((6, 0, 0), (6, 1, 0))]
    assert len(changed(pair[0][1], pair[1][1], "kind")) == 181
    ours = {c.key: c for c in claims(PRODUCT) if c.kinds == ("miopen_variables",)}
    assert [row for row in main.news(known.kind, pair[0][1], pair[1][1], ours) if row.key in ours] == []
    both = World(
        world.components,
        {**world.known, known.kind: replace(known, releases=pair, now=pair[1][1])},
        world.chips,
        world.below,
    )
    assert [row for row in wrong(PRODUCT, both) if row.key in ours] == []


def test_a_component_that_is_not_in_the_ref_is_not_coverable(clones: Path, tmp_path: Path) -> None:
    for name in ("ROCm+rocm-systems",):
        (tmp_path / name).symlink_to(clones / name)
    rows = [
        row
        for row in judge(PRODUCT, look(tmp_path))
        if row.key.startswith(("HIP_", "GPU_", "AMD_", "CUDA_V")) and "COARSE" not in row.key
    ]
    assert len(rows) == 10
    assert {row.outcome for row in rows} == {"not coverable"}


def test_a_blob_that_is_not_here_is_unreadable_and_nothing_is_removed(clones: Path, tmp_path: Path) -> None:
    shutil.copytree(clones / "ROCm+MIOpen", tmp_path / "ROCm+MIOpen")
    there = tmp_path / "ROCm+MIOpen"
    for pack in (there / "objects/pack").glob("*.pack"):
        kept = pack.rename(tmp_path / pack.name)
        (pack.with_suffix(".idx")).unlink()
        unpack = ["git", "-C", there, "unpack-objects", "-q"]
        subprocess.run(unpack, input=kept.read_bytes(), check=True, timeout=60)
    blobs = find_component(tmp_path, "miopen", {"places": [{"repo": "ROCm/MIOpen", "folders": ["src", "include"]}]})
    assert blobs.head is not None
    for release in [r for r in Clone("", there).refs if r]:
        for path, blob in (Clone("", there).files(release, ["src"]) or {}).items():
            if path.endswith("find_controls.cpp"):
                (there / "objects" / blob[:2] / blob[2:]).unlink(missing_ok=True)
    rows = {row.key: row.outcome for row in judge(PRODUCT, look(tmp_path)) if row.key.startswith("MIOPEN_")}
    assert rows["MIOPEN_FIND_MODE"] == "unreadable"
    assert not {"removed", "renamed?", "dated wrong"} & set(rows.values())


# --- mutants ---


def entry(product: Product, key: str) -> dict[str, Any]:
    return next(e for e in [*product.env, *product.kernel] if e["key"] == key)


def mutants(world: World) -> Iterator[tuple[str, str, Callable[[Product], Product]]]:
    """What may be changed: (what, key that must be named, change)."""

    def edit(key: str, name: str, value: str) -> Callable[[Product], Product]:
        def change(product: Product) -> Product:
            entry(product, key)[name] = value
            return product

        return change

    def ids(device: str, target: str, products: str) -> Callable[[Product], Product]:
        return lambda product: replace(product, ids={**product.ids, device: (target, products)})

    def family(gfx: str, runs: list[str]) -> Callable[[Product], Product]:
        def change(product: Product) -> Product:
            product.targets[gfx]["runs"] = runs
            return product

        return change

    def rename(key: str) -> Callable[[Product], Product]:
        def change(product: Product) -> Product:
            entry(product, key)["key"] = key[:-1] + "Q"
            return product

        return change

    for claim in claims(PRODUCT):
        truth = next((world.known[k] for k in claim.kinds if claim.key in world.known[k].latest), None)
        if truth is None:
            continue
        if truth.kind in ("miopen_variables", "read_variables", "hip_flags", "kernel_parameters"):
            if len(truth.releases) > 3 and claim.said.get("since", "")[:1] in "R67":
                later = ".".join(map(str, truth.releases[-1][0][:2]))
                yield (
                    "date",
                    claim.key,
                    edit(claim.key, "since", f"ROCm {later} or before" if "ROCm" in claim.said["since"] else later),
                )
                yield (
                    "until",
                    claim.key,
                    edit(claim.key, "until", "ROCm 5.7" if "ROCm" in claim.said["since"] else "6.13"),
                )
                yield "name", claim.key[:-1] + "Q", rename(claim.key)
            if claim.said.get("type") and "." not in claim.key:
                yield "type", claim.key, edit(claim.key, "type", "charp")
                yield "taints", claim.key, edit(claim.key, "taints", "6.13")
        elif truth.kind == "therock_targets":
            yield "family", claim.key, family(claim.key, [*PRODUCT.targets[claim.key].get("runs", []), "gfx99X-all"])
        elif truth.kind == "driver_ids" and world.chips.get(truth.latest[claim.key]["chip"]):
            yield "target", claim.key, ids(claim.key, "gfx1103", PRODUCT.ids[claim.key][1])
        elif truth.kind == "products":
            device, revision = claim.key.split(":")
            target, products = PRODUCT.ids[device]
            yield ("product", claim.key, ids(device, target, products.replace(f"{revision}:", f"{revision}:Pro9 ", 1)))


def test_a_hundred_faults_are_found_by_the_right_key(world: World) -> None:
    by_kind: dict[str, list[tuple[str, str, Callable[[Product], Product]]]] = {}
    for one in mutants(world):
        by_kind.setdefault(one[0], []).append(one)
    draw = random.Random(22)
    drawn = [draw.choice(by_kind[sorted(by_kind)[n % len(by_kind)]]) for n in range(100)]
    assert len(by_kind) == 8
    missed = []
    for what, key, change in drawn:
        rows = wrong(change(copy.deepcopy(PRODUCT)), world)
        if key not in {row.key for row in rows} or len({row.key for row in rows}) > 2:
            missed.append((what, key, rows))
    assert len(missed) <= 5, missed


# --- the command ---


def check(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True, timeout=300, check=False)


def test_the_command_says_how_old_each_clone_is_and_what_is_new_since(clones: Path, tmp_path: Path) -> None:
    done = check(clones, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0, [row for row in document["rows"] if row["level"] in "EW"]
    about = {each["component"]: each for each in document["clones"]}
    assert about["miopen"]["date"] == "2024-10-24" and about["miopen"]["stale"] > 700
    assert about["pytorch"]["commit"] is None
    state = document["state"]
    del state["miopen_variables"]["MIOPEN_DEBUG_COMGR_LOG_CALLS"]
    state["hip_flags"]["HIP_FORCE_DEV_KERNARG"]["default"] = "7"
    (tmp_path / "state.json").write_text(json.dumps({"state": state}))
    again = check(clones, "--since", tmp_path / "state.json")
    assert "N new: MIOPEN_DEBUG_COMGR_LOG_CALLS" in again.stdout
    assert "W default changed: HIP_FORCE_DEV_KERNARG" in again.stdout
    assert again.returncode == 1
    assert "miopen    ROCm/MIOpen" in again.stdout and "stale clone" in again.stdout
    assert "not coverable: no clone here" in again.stdout


@pytest.mark.parametrize("arguments", [("/nowhere",), ("/tmp", "--since", "/etc/passwd"), ()])
def test_what_cannot_be_run_is_said_in_a_line(arguments: tuple[str, ...]) -> None:
    done = check(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_nothing_is_written_into_a_clone(clones: Path, tmp_path: Path) -> None:
    shutil.copytree(clones / "ROCm+clr", tmp_path / "ROCm+clr")
    before = sorted((str(p), p.stat().st_mtime_ns) for p in tmp_path.rglob("*"))
    check(tmp_path)
    assert sorted((str(p), p.stat().st_mtime_ns) for p in tmp_path.rglob("*")) == before


def test_evidence_that_is_gone_and_a_function_that_is_another(tmp_path: Path) -> None:
    git = ["git", "-C", tmp_path / "o+r", "-c", "user.name=x", "-c", "user.email=x@x"]
    (tmp_path / "o+r").mkdir()
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / "o+r/a.c").write_text("int f(void) { return 32; }\n")
    (tmp_path / "o+r/old.sh").write_text("x\n")
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "1"], check=True)
    subprocess.run([*git, "rm", "-q", "old.sh"], check=True)
    subprocess.run([*git, "commit", "-qm", "2"], check=True)
    world = World({}, {}, {}, tmp_path)
    at = "https://github.com/o/r/blob/main/"
    right = main.function("int f(void) { return 32; }", "f") or ""
    cases = [
        (Source("a", at + "old.sh", False, None, None), ["removed"]),
        (Source("b", at + "never.sh", False, None, None), ["not coverable"]),
        (Source("c", at + "a.c", False, None, {"symbol": "f", "sha1": right}), []),
        (Source("d", at + "a.c", False, None, {"symbol": "f", "sha1": "0" * 12}), ["read again"]),
        (Source("later", at + "a.c", False, "2999-01-01", {"symbol": "f", "sha1": "0" * 12}), ["not coverable"]),
        (Source("e", "https://github.com/o/other/blob/main/a.c", False, None, None), ["not coverable"]),
    ]
    for source, outcomes in cases:
        assert [row.outcome for row in main.cited([source], world)] == outcomes


def test_issues_are_to_be_read_again_after_sixty_days() -> None:
    issue = "https://github.com/o/r/issues/1"
    found = [
        Source("old", issue, True, "2026-09-08", None),
        Source("fresh", issue, True, "2026-11-20", None),
        Source("no range", issue, False, None, None),
        Source("no date", issue, True, None, None),
    ]
    assert [row[2] for row in read_again(found, date(2026, 11, 28))] == ["old", "no date"]
