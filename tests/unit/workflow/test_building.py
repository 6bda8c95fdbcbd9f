"""A tiny project through the machinery of ``recipe``: built, killed at random moments, stopped before the long step."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import textwrap
import time
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.recipes import Recipe, read_recipes, recipes
from rdna_installer.knowledge.yamlfile import parse
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import GfxSource, Gpu, RocmInstall
from rdna_installer.plan.recipe import Order, jobs, scripts
from rdna_installer.record import replace
from rdna_installer.workflow import building

TOOLS = ("git", "cmake", "ninja", "cc", "flock")
needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"not all of {', '.join(TOOLS)} are here: nothing was built"
)
FILES = 8
PATCH = """\
diff --git a/value.h b/value.h
--- a/value.h
+++ b/value.h
@@ -1 +1 @@
-#define VALUE 1
+#define VALUE 2
"""
RECIPE = """
- id: tiny
  says: "a tiny library for {{gfx}}"
  why: "to try the machinery"
  rocm: ">=6.2,<6.4"
  needs_rocm: "true"
  then: "use {{out}}"
  disk_gib: "0"
  job_mib: "1"
  minutes: "1"
  estimated: "guessed"
  unproved: ["all of it"]
  sources: [{{name: tiny, url: "{url}", commit: {commit}, tree: {tree}}}]
  patches: [{{id: value, of: tiny, purpose: "a value", source: ours, text: {patch}}}]
  programs: [{{name: {program}, package: cmake}}]
  steps:
  - id: configure
    says: "write the rules"
    script: |
      rm -rf build
      cmake -G Ninja -S src/tiny -B build
  - id: build
    says: "compile"
    script: |
      cmake --build build --parallel "$JOBS"
  - id: install
    says: "put it away"
    script: |
      rm -rf prefix.new
      cmake --install build --prefix "$here/prefix.new"
      rm -rf prefix
      mv prefix.new prefix
  evidence: [{{url: "https://example.org/", strength: weak, says: "nothing"}}]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "value.h").write_text("#define VALUE 1\n")
    names = [f"part{n}.c" for n in range(FILES)]
    for n, name in enumerate(names):
        lines = "".join(f"int f{n}_{m}(int x) {{ return x * {m} + VALUE; }}\n" for m in range(400))
        (folder / name).write_text(f'#include "value.h"\n{lines}')
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(tiny C)\n"
        f"add_library(tiny SHARED {' '.join(names)})\ninstall(TARGETS tiny DESTINATION lib)\n"
    )
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "tiny")
    return folder


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    done = subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def _recipe(project: Path, *, patch: str = PATCH, program: str = "cmake", tree: str = "") -> Recipe:
    text = "|\n" + textwrap.indent(patch, " " * 6)
    commit = _git(project, "rev-parse", "HEAD")
    tree = tree or _git(project, "rev-parse", "HEAD^{tree}")
    filled = RECIPE.format(url=project, commit=commit, tree=tree, patch="@PATCH@", program=program)
    filled = filled.replace(
        'patches: [{id: value, of: tiny, purpose: "a value", source: ours, text: @PATCH@}]',
        f"patches:\n  - id: value\n    of: tiny\n    purpose: a value\n    source: ours\n    text: {text}",
    )
    shell = textwrap.indent(recipes().shell, "  ")
    return read_recipes(parse(f"shell: |\n{shell}\nrecipes:{filled}".encode(), "test")).recipes[0]


def _directory(recipe: Recipe, out: Path, rocm: str = "6.2.4") -> None:
    order = Order("tiny", "gfx1010", rocm, "/opt/rocm")
    prepared = building._prepared(Sysroot("/"), recipe, order, PurePosixPath(out))
    building.write(Sysroot("/"), prepared, PurePosixPath(out), recipe)


def _run(recipe: Recipe, out: Path) -> building.Built:
    return building.run(Sysroot("/"), PurePosixPath(out), lambda text: None, recipe)


def _result(out: Path) -> dict[str, str]:
    made = sorted(path for path in (out / "prefix").rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in made}


@needs_tools
@pytest.mark.processes
def test_killed_at_twenty_random_moments_it_comes_to_the_same(project: Path, tmp_path: Path) -> None:
    """By SIGKILL, up to four times in each build; then it goes on to its end."""
    recipe, out, chance = _recipe(project), tmp_path / "out", random.Random(7)
    _directory(recipe, out)
    begun = time.monotonic()
    built = _run(recipe, out)
    took, whole = time.monotonic() - begun, _result(out)
    assert whole
    assert any("libtiny.so" in name for name, _ in built.proofs)
    kills = 0
    while kills < 20:
        shutil.rmtree(out)
        _directory(recipe, out)
        for _ in range(4):
            pid = os.fork()
            if pid == 0:
                try:
                    _run(recipe, out)
                finally:
                    os._exit(0)
            time.sleep(chance.uniform(0, took * 0.5))
            os.kill(pid, signal.SIGKILL)
            kills += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        _run(recipe, out)
        assert _result(out) == whole


@needs_tools
@pytest.mark.processes
def test_what_is_done_is_not_done_again_but_after_a_change_of_it_or_before_it(project: Path, tmp_path: Path) -> None:
    recipe, out = _recipe(project), tmp_path / "out"
    _directory(recipe, out)
    _run(recipe, out)
    told: list[str] = []
    building.run(Sysroot("/"), PurePosixPath(out), told.append, recipe)
    assert told == []
    with (out / "steps/04-build.sh").open("a") as script:
        script.write("echo again\n")
    building.run(Sysroot("/"), PurePosixPath(out), told.append, recipe)
    assert [text.split(", ")[1] for text in told if " files" not in text] == ["build", "install"]


@needs_tools
@pytest.mark.processes
@pytest.mark.parametrize(
    ("how", "rocm", "says"),
    [
        ({"program": "nobodys-compiler"}, "6.2.4", "nobodys-compiler is missing"),
        ({}, "7.0.2", "ROCm 7.0.2 is here, and these sources are for ROCm >=6.2,<6.4"),
        ({}, "", "no ROCm is here"),
        ({"patch": PATCH.replace("VALUE 1", "VALUE 3")}, "6.2.4", "the patch value.patch does not apply to tiny"),
        ({"tree": "0" * 40}, "6.2.4", "tiny is not what was pinned"),
        (
            {"program": "include/nobodys.h|include/nobody/s.h"},
            "6.2.4",
            "include/nobodys.h or include/nobody/s.h is missing",
        ),
    ],
)
def test_what_cannot_work_ends_before_the_long_step_with_one_error(
    project: Path, tmp_path: Path, how: dict[str, str], rocm: str, says: str
) -> None:
    recipe, out = _recipe(project, **how), tmp_path / "out"
    _directory(recipe, out, rocm)
    with pytest.raises(RdnaError, match=says.replace(".", r"\.")):
        _run(recipe, out)
    assert not (out / "build").exists()


@needs_tools
@pytest.mark.processes
def test_too_little_memory_or_disk_ends_before_it_begins(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, out = replace(_recipe(project), disk_gib="1"), tmp_path / "out"
    _directory(recipe, out)
    monkeypatch.setattr(building, "ram_bytes", lambda root, kind: 1000)
    monkeypatch.setattr(Sysroot, "free_bytes", lambda root, place: 1000)
    said = r"0 MiB of memory are free, and one compiler takes 1; 0 GiB are free in \S+, and 1 are needed"
    with pytest.raises(RdnaError, match=said):
        _run(recipe, out)
    assert not (out / "src").exists()


@needs_tools
@pytest.mark.processes
@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("c++: fatal error: Killed signal terminated program cc1plus", "memory"),
        ("fatal error: error writing to /tmp/x.s: No space left on device", "a disk is full"),
        ("CMake Error at CMakeLists.txt:7 (find_package):\n\n  By not providing Findhalf", "By not providing Findhalf"),
    ],
)
def test_a_failure_is_explained(project: Path, tmp_path: Path, said: str, means: str) -> None:
    recipe, out = _recipe(project), tmp_path / "out"
    _directory(recipe, out)
    (out / "steps/04-build.sh").write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    with pytest.raises(RdnaError) as raised:
        _run(recipe, out)
    assert raised.value.reference == "step-failed"
    assert means in raised.value.message
    assert said[:30] in raised.value.message


@needs_tools
@pytest.mark.processes
def test_a_result_that_does_not_load_or_is_for_another_card_is_none(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, out = _recipe(project), tmp_path / "out"
    _directory(recipe, out)
    assert [text.rpartition("; ")[2] for _, text in _run(recipe, out).proofs] == ["it loads"]
    with monkeypatch.context() as patched:
        patched.setattr(building, "targets_of", lambda root, path: ("gfx900",))
        with pytest.raises(RdnaError, match="has code for gfx900, and none for gfx1010"):
            _run(recipe, out)
    lacking = out / "prefix/lib/libtiny.so"
    (tmp_path / "lacking.c").write_text("int nobody(void); int one(void) { return nobody(); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", lacking, tmp_path / "lacking.c"], check=True, timeout=60)
    with pytest.raises(RdnaError, match=r"libtiny\.so: it does not load: .*nobody"):
        _run(recipe, out)


@needs_tools
@pytest.mark.processes
def test_nobody_builds_twice_in_one_directory(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, out = _recipe(project), tmp_path / "out"
    _directory(recipe, out)
    monkeypatch.setattr(building, "WRAPPER", building.WRAPPER.replace("-w 60", "-w 0"))
    with subprocess.Popen(["flock", out / "lock", "sleep", "30"]) as holder:
        try:
            while subprocess.run(["flock", "-n", out / "lock", "true"], check=False, timeout=10).returncode == 0:
                assert holder.poll() is None
            with pytest.raises(RdnaError, match="an earlier run of this directory still works"):
                _run(recipe, out)
        finally:
            holder.kill()


@needs_tools
@pytest.mark.processes
def test_anothers_folder_is_left_alone(project: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("x")
    with pytest.raises(RdnaError, match="something else"):
        _directory(_recipe(project), tmp_path)


def test_memory_and_processors_decide_how_many_compilers_run_at_once() -> None:
    table = {(8, 64000, 1500): 8, (8, 6000, 1500): 4, (8, 1000, 1500): 1, (1, 64000, 1500): 1}
    assert {ask: jobs(*ask) for ask in table} == table


@pytest.mark.processes
@pytest.mark.parametrize("name", [recipe.id for recipe in recipes().recipes])
def test_shipped_scripts_are_posix_sh_and_clean(name: str, tmp_path: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck: the scripts of the recipes were not checked")
    recipe = building.recipe_of(name)
    made = scripts(recipe, Order(name, "gfx1010", "6.2.4", "/opt/rocm"), recipes().shell)
    for file, text in made.items():
        (tmp_path / file).write_text(text)
        assert not any(word in text for word in ("sudo", "drive.google", "curl "))
    subprocess.run(["shellcheck", "-s", "sh", *sorted(tmp_path.iterdir())], check=True, timeout=60)


@needs_tools
@pytest.mark.processes
def test_shipped_patches_are_whole_as_they_are_written(tmp_path: Path) -> None:
    """git counts the lines of each; a file of YAML can lose one at the end."""
    for recipe in recipes().recipes:
        prepared = building._prepared(
            Sysroot("/"), recipe, Order(recipe.id, "gfx1010", "6.2.4", "/opt/rocm"), PurePosixPath(tmp_path)
        )
        building.write(Sysroot("/"), prepared, PurePosixPath(tmp_path / recipe.id), recipe)
    files = sorted(tmp_path.glob("*/patches/*.patch"))
    assert files
    subprocess.run(["git", "apply", "--numstat", *files], check=True, timeout=60)


def test_each_is_pinned_to_one_commit_for_each_rocm_it_is_for() -> None:
    for recipe in recipes().recipes:
        for rocm in ("6.2.4", "6.3.1"):
            names = [s.name for s in building.sources_for(recipe, rocm)]
            assert len(names) == len(set(names))
            assert bool(names) == bool(recipe.sources)
        assert all(len(s.commit) == 40 and s.tree in ("-", s.tree) for s in recipe.sources)
        assert recipe.unproved
        assert all(p.purpose and p.source for p in recipe.patches)


def test_what_a_card_and_its_rocm_make_of_it() -> None:
    gpu = Gpu("gfx1010", None, None, "1002", "731f", 1, GfxSource.GIVEN, False)
    rocm = RocmInstall("6.2.4", "/opt/rocm", "test")
    from rdna_installer.detect.host import Ask, detect

    facts = replace(detect(Sysroot("/"), Ask("gfx1010", search_sites=False)), gpus=(gpu,), rocm=(rocm,))
    found = building.prepare(Sysroot("/"), facts, "miopen", None, PurePosixPath("/nowhere/out"))
    assert (found.order.rocm, found.sources[0].commit[:8]) == ("6.2.4", "e5d16286")
    assert "/nowhere/out/prefix" in found.then
    assert not any("no ROCm" in text or "sources are for" in text for text in found.lacks)


def test_a_rocm_where_pytorchs_build_does_not_look_is_refused_and_not_built_without(tmp_path: Path) -> None:
    """Debian's cmake files lie elsewhere: PyTorch's build then finds no HIP, says so, and goes on for the processor."""
    place = tmp_path / "usr/lib/x86_64-linux-gnu"
    for folder in (place, tmp_path / "usr/lib"):
        (folder / "cmake/hip").mkdir(parents=True)
        (folder / "cmake/hip/FindHIP.cmake").touch()
        prepared = building._prepared(
            Sysroot(tmp_path),
            building.recipe_of("pytorch"),
            Order("pytorch", "gfx1010", "6.2.4", "/usr"),
            PurePosixPath("/out"),
        )
        named = ["lib/cmake/hip/FindHIP.cmake is missing" in text for text in prepared.lacks]
        assert any(named) is (folder == place), prepared.lacks


def test_a_rocm_that_is_only_named_lies_where_one_is(tmp_path: Path) -> None:
    from rdna_installer.detect.host import Ask, detect

    (tmp_path / "opt/rocm/.info").mkdir(parents=True)
    (tmp_path / "opt/rocm/.info/version").write_text("6.4.3\n")
    root = Sysroot(tmp_path)
    facts = detect(root, Ask("gfx1010", "6.2.4", search_sites=False))
    order = building.prepare(root, facts, "miopen", None, PurePosixPath("/out")).order
    assert (order.rocm, order.rocm_path) == ("6.2.4", "/opt/rocm")
