"""The hook in every CPython that can be had here: what it sets, what it never does, and how it fails."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

VARIABLES = {"HSA_OVERRIDE_GFX_VERSION": "10.3.0", "MIOPEN_FIND_MODE": "FAST", "MIOPEN_LOG_LEVEL": "3"}
SEEN = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k[:4] in ('HSA_', 'MIOP')}))"
APPLIED = "import json, _rdna_hook; print(json.dumps(_rdna_hook.applied))"


def test_which_versions_this_machine_has(interpreters: dict[str, list[str]]) -> None:
    missing = [version for version, paths in interpreters.items() if not paths]
    if missing:
        pytest.skip(f"no CPython {', '.join(missing)} on this machine: the hook was not tested with these")


def seen(ran) -> dict[str, str]:
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


@pytest.mark.parametrize("flags", [[], ["-I"], ["-E"], ["-s"], ["-B"], ["-O"], ["-OO"], ["-W", "error"], ["-X", "dev"]])
def test_the_variables_are_there(python, flags: list[str]) -> None:
    assert seen(python.run(*flags, "-c", SEEN)) == VARIABLES
    assert seen(python.run(*flags, "-c", APPLIED)) == VARIABLES


def test_without_site_it_is_off(python) -> None:
    assert seen(python.run("-S", "-c", SEEN)) == {}


def test_what_the_user_has_set_wins(python) -> None:
    env = {"HSA_OVERRIDE_GFX_VERSION": "9.0.0"}
    assert seen(python.run("-c", SEEN, env=env)) == {**VARIABLES, **env}
    assert "HSA_OVERRIDE_GFX_VERSION" not in seen(python.run("-c", APPLIED, env=env))


def test_an_empty_one_is_no_wish(python) -> None:
    env = {"HSA_OVERRIDE_GFX_VERSION": ""}
    assert seen(python.run("-c", SEEN, env=env)) == VARIABLES


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "en_US.ISO-8859-1"])
def test_in_any_locale(python, locale: str) -> None:
    env = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert seen(python.run("-c", SEEN, env=env)) == VARIABLES


def test_switched_off(python) -> None:
    assert seen(python.run("-c", SEEN, env={"RDNA_HOOK": "0"})) == {}
    call = "from _rdna_hook import apply_patch; assert apply_patch() == {}; " + SEEN
    assert seen(python.run("-c", call, env={"RDNA_HOOK": "0"})) == {}


def test_verbose_explains_once_on_stderr(python) -> None:
    ran = python.run("-c", "pass", env={"RDNA_HOOK": "verbose", "MIOPEN_FIND_MODE": "HYBRID"})
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines() == [
        "rdna-hook 0.1.0 (generation 3): HSA_OVERRIDE_GFX_VERSION set to 10.3.0",
        "rdna-hook 0.1.0 (generation 3): MIOPEN_FIND_MODE left as you set it: 'HYBRID'",
        "rdna-hook 0.1.0 (generation 3): MIOPEN_LOG_LEVEL set to 3",
    ]


def test_a_script_asks_what_is_in_force(python) -> None:
    call = "from _rdna_hook import apply_patch; apply_patch(conv='cpu', report=True)"
    ran = python.run("-c", call, env={"MIOPEN_FIND_MODE": "HYBRID"})
    assert [line.partition(": ")[2] for line in ran.err.splitlines()] == [
        "HSA_OVERRIDE_GFX_VERSION set to 10.3.0",
        "MIOPEN_FIND_MODE left as you set it: 'HYBRID'",
        "MIOPEN_LOG_LEVEL set to 3",
        "RDNA_CONV set to cpu",
        "waiting for torch",
    ]
    off = python.run("-c", call, env={"RDNA_HOOK": "0"})
    assert off.err == "rdna-hook 0.1.0 (generation 3): switched off by RDNA_HOOK=0, nothing is in force\n"


@pytest.mark.parametrize("table", [VARIABLES, {"RDNA_CONV": "gemm", "RDNA_MEMORY_FRACTION": "0.8"}])
@pytest.mark.parametrize("work", ["", "import json, decimal, email.parser; "])
def test_it_imports_one_module_and_leaves_site_alone(bare, table: dict[str, str], work: str) -> None:
    """_rdna_hook itself is the one: ``applied`` and ``apply_patch`` live there, and 3.15's .start has to import it.

    So it stays until torch is imported, whatever else is, with a strategy waiting for it too. Compared with a .pth file
    that does nothing: before 3.10 opening any of them as text imports _bootlocale.
    """
    python = bare
    python.remove()
    python.install(table)
    look = work + "import builtins, site, sys; print([sorted(sys.modules), sorted(vars(site)), sorted(vars(builtins))])"
    python.run("-c", "pass")  # writes the .pyc
    with_hook = ast.literal_eval(python.run("-c", look).out)
    python.remove()
    (python.site_packages / "rdna_hook.pth").write_text("# nothing\n")
    without = ast.literal_eval(python.run("-c", look).out)
    assert set(with_hook[0]) - set(without[0]) == {"_rdna_hook"}
    assert with_hook[1:] == without[1:]


PARALLEL = """
import json, multiprocessing, os, subprocess, sys

def look(names, queue):
    queue.put([os.environ.get(name) for name in names])

if __name__ == "__main__":
    names = sys.argv[1:]
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        child = context.Process(target=look, args=(names, queue))
        child.start()
        print(json.dumps(queue.get(timeout=30)))
        child.join()
    code = "import json, os, sys, _rdna_hook as h; print(json.dumps([os.environ[n] for n in sys.argv[1:]]), h.applied)"
    subprocess.run([sys.executable, "-c", code, *names], check=True)
"""


def test_children_have_them_too(python, tmp_path: Path) -> None:
    script = tmp_path / "parallel.py"
    script.write_text(PARALLEL)
    ran = python.run("-W", "ignore", str(script), *VARIABLES)
    values = json.dumps(list(VARIABLES.values()))
    assert (ran.code, ran.err) == (0, "")
    assert sorted(ran.out.splitlines()) == sorted([values] * 3 + [values + " {}"])


BROKEN = {
    "package missing": None,
    "namespace package": {},
    "empty": {"__init__.py": b""},
    "syntax error": {"__init__.py": b"def start(:\n"},
    "NUL bytes": {"__init__.py": b"\0" * 64},
    "not UTF-8": {"__init__.py": b"# \xff\xfe\n\xe9 = 1\n"},
    "ImportError": {"__init__.py": b"import no_such_module_anywhere\n"},
    "SystemExit": {"__init__.py": b"raise SystemExit(3)\n"},
    "sys.exit": {"__init__.py": b"import sys; sys.exit('no')\n"},
    "KeyboardInterrupt": {"__init__.py": b"raise KeyboardInterrupt\n"},
    "BaseException": {"__init__.py": b"class E(BaseException): pass\nraise E\n"},
    "GeneratorExit": {"__init__.py": b"raise GeneratorExit\n"},
    "MemoryError": {"__init__.py": b"raise MemoryError\n"},
    "recursion": {"__init__.py": b"def f(): f()\nf()\n"},
    "a directory": {"__init__.py/x": b""},
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_hook_stops_nothing_and_says_nothing(python, case: str) -> None:
    package = python.site_packages / "_rdna_hook"
    shutil.rmtree(package)
    for name, content in (BROKEN[case] or {}).items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes(content)
    if BROKEN[case] == {}:
        package.mkdir()
    ran = python.run("-c", "print('up')")
    assert (ran.code, ran.out, ran.err) == (0, "up\n", "")


def test_a_half_written_table_is_an_exception_not_a_crash(python) -> None:
    init = python.site_packages / "_rdna_hook" / "__init__.py"
    whole = init.read_bytes()
    for end in range(0, len(whole), 97):
        init.write_bytes(whole[:end])
        if end % 485 == 0:
            ran = python.run("-c", "print('up')")
            assert (ran.code, ran.out, ran.err) == (0, "up\n", ""), whole[:end]


def test_read_only_site_packages(python) -> None:
    folders = [python.site_packages / "_rdna_hook", python.site_packages]
    try:
        for folder in folders:
            folder.chmod(0o555)
        assert seen(python.run("-c", SEEN)) == VARIABLES
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_site_directory_read_once(python, tmp_path: Path) -> None:
    """Outside a venv the line runs once: here through the user's own site directory."""
    user_site = tmp_path / f"lib/python{python.version}/site-packages"
    shutil.copytree(python.site_packages, user_site)
    python.remove()
    config = python.executable.parent.parent / "pyvenv.cfg"
    before = config.read_text()
    try:
        config.write_text(before.replace("include-system-site-packages = false", "include-system-site-packages = true"))
        env = {"PYTHONUSERBASE": str(tmp_path)}
        assert seen(python.run("-c", SEEN, env=env)) == VARIABLES
        assert seen(python.run("-s", "-c", SEEN, env=env)) == {}
        assert seen(python.run("-I", "-c", SEEN, env=env)) == {}
    finally:
        config.write_text(before)


def test_the_entry_point_of_the_start_file_may_be_called_again(python) -> None:
    call = "import importlib; m = importlib.import_module('_rdna_hook'); assert m.start() is None; " + SEEN
    assert seen(python.run("-c", call)) == VARIABLES


def test_per_script_without_the_pth(python) -> None:
    (python.site_packages / "rdna_hook.pth").unlink()
    assert seen(python.run("-c", SEEN)) == {}
    assert seen(python.run("-c", "import _rdna_hook; " + SEEN)) == VARIABLES
    call = "import json; from _rdna_hook import apply_patch; print(json.dumps(apply_patch()))"
    assert seen(python.run("-W", "error", "-c", call)) == VARIABLES


def test_too_late_is_said(python) -> None:
    (python.site_packages / "rdna_hook.pth").unlink()
    call = "import sys; sys.modules['torch'] = sys; from _rdna_hook import apply_patch; apply_patch(); " + SEEN
    ran = python.run("-c", call)
    assert (ran.code, json.loads(ran.out)) == (0, VARIABLES)
    assert "RuntimeWarning: set after torch was imported" in ran.err
    assert all(name in ran.err for name in VARIABLES)


def test_an_unknown_name_is_an_attribute_error(python) -> None:
    ran = python.run("-c", "import _rdna_hook; _rdna_hook.nothing")
    assert ran.err.rstrip().endswith("AttributeError: module '_rdna_hook' has no attribute 'nothing'")


def test_a_value_the_locale_cannot_hold_stops_nothing(bare) -> None:
    bare.remove()
    bare.install({"MIOPEN_CUSTOM_CACHE_DIR": "/home/jos\u00e9/cache"})
    assert seen(bare.run("-c", SEEN)) == {"MIOPEN_CUSTOM_CACHE_DIR": "/home/jos\u00e9/cache"}
    env = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ran = bare.run("-c", "print('up')", env=env)
    assert (ran.code, ran.out, ran.err) == (0, "up\n", "")
