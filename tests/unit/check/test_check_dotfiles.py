"""Start-up files: what is found in them, whatever they hold."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

import pytest
from check_samples import ME, PROFILE, put
from hypothesis import given
from hypothesis import strategies as st

from rdna_installer.detect.assignments import in_rows, in_shell
from rdna_installer.detect.dotfiles import dialect, dialects, places, read_as, scan
from rdna_installer.detect.units import in_unit
from rdna_installer.machine.sysroot import Sysroot

KEY = "HSA_OVERRIDE_GFX_VERSION"
KINDS = sorted({how for rows in places().values() for how, _, _ in rows})
READERS = {kind: partial(read_as, kind) for kind in KINDS}


def values(text: str) -> list[tuple[int, str, str | None]]:
    return [(a.line, a.key, a.value) for a in in_shell(text)]


@pytest.mark.parametrize(
    "line",
    [
        f"export {KEY}=10.3.0",
        f"set -a\n{KEY}=10.3.0\nset +a",
        f": \"${{{KEY}:=10.3.0}}\"; export {KEY}",
        f"  export {KEY}='10.3.0'  # for my card",
        f'export {KEY}="10.3.0"',
        f"export FOO=1 {KEY}=10.3.0 BAR=2",
        f"{KEY}=10.3.0; export {KEY}",
        f"{KEY}=10.3.0 && export {KEY}",
        f"declare -x {KEY}=10.3.0",
        f"typeset -gx {KEY}=10.3.0",
        f"if true; then export {KEY}=10.3.0; fi",
        f"[ -e /dev/kfd ] && export {KEY}=10.3.0",
        f"rocm() {{ export {KEY}=10.3.0; }}; rocm",
        f"command export {KEY}=10.3.0",
        f"set -gx {KEY} 10.3.0",
        f"set -x -g {KEY} '10.3.0'",
        f"set --export --universal {KEY} 10.3.0; and echo done",
        f"setenv {KEY} 10.3.0",
        f"export \\\n  {KEY}=10.3.0",
        f"export {KEY}=10.\"3\".0",
        f"export {KEY}=10\\.3.0\r",
    ],
)  # fmt: skip
def test_forms(line: str) -> None:
    assert [(key, value) for _, key, value in values(line)] == [(KEY, "10.3.0")]


@pytest.mark.parametrize(
    "line",
    [
        f"{KEY}=10.3.0 python main.py",
        f"exec env -u A B=1 {KEY}=10.3.0 venv/bin/python main.py",
        f"sudo /usr/bin/env {KEY}=10.3.0 x",
        f"sh -c 'cd /opt; {KEY}=10.3.0 exec ./x'",
        f"docker run --rm -e A=1 -e {KEY}=10.3.0 image",
        f"podman run --env={KEY}=10.3.0 image",
        f"export {KEY}=10.3.0; exec x",
    ],
)
def test_what_a_script_starts_its_program_with(line: str) -> None:
    assert [(a.key, a.value) for a in in_shell(line, launched=True)] == [(KEY, "10.3.0")]


@pytest.mark.parametrize("line", [f"echo {KEY}=10.3.0", f"grep -e x {KEY}=10.3.0 f", f"{KEY}=10.3.0"])
def test_what_a_script_starts_nothing_with(line: str) -> None:
    assert in_shell(line, launched=True) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"export {KEY}=1.2.3\nexport {KEY}=3.2.1", [2]),
        (f"export {KEY}=1.2.3\nif a; then\nexport {KEY}=3.2.1\nfi", [1, 3]),
        (f"if a; then\nexport {KEY}=3.2.1\nfi\nexport {KEY}=1.2.3", [4]),
        (f"case $x in\na) export {KEY}=1.2.3;;\nb) export {KEY}=3.2.1;;\nesac", [2, 3]),
        (f"if test x\n  set -gx {KEY} 1.2.3\nelse\n  set -gx {KEY} 3.2.1\nend\nset -gx {KEY} 2.2.2", [6]),
    ],
)
def test_the_last_one_counts(text: str, lines: list[int]) -> None:
    assert [line for line, _, _ in values(text)] == lines


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/sam/.config/fish/fish_variables", "universal"),
        ("/etc/environment", "pam"),
        ("/home/sam/ai/compose.yml", "compose"),
        ("/etc/default/x.env", "environment"),
        ("/srv/x.service", "unit"),
        ("/tmp/anything", "shell"),
    ],
)
def test_how_a_file_is_read(path: str, kind: str) -> None:
    assert dialect(path) == kind


@pytest.mark.parametrize(
    "line",
    [
        f"# export {KEY}=10.3.0",
        f"echo export {KEY}=10.3.0",
        f"(export {KEY}=10.3.0)",
        f"rocm() {{ export {KEY}=10.3.0; }}",
        f"function rocm\n  set -gx {KEY} 10.3.0\nend",
        f"{KEY}=10.3.0 python main.py",
        f"MY_{KEY}=1",
        f"{KEY}=10.3.0",
        f"declare {KEY}=10.3.0",
        f"set -lx {KEY} 10.3.0",
        f"set {KEY} 10.3.0",
        f"echo ${KEY}",
        f"cat > x <<EOF\nexport {KEY}=10.3.0\nEOF",
        f"cat <<-'END' | tee x\n\texport {KEY}=10.3.0\n\tEND",
        f"if [ ${KEY} = 10.3.0 ]; then :; fi",
        "export LD_LIBRARY_PATH=/usr/local/lib",
        "export PATH=/opt/rocm/bin:$PATH",
        "export AMDGPU=1 HSAx=2",
    ],
)
def test_no_assignment(line: str) -> None:
    assert values(line) == []


@pytest.mark.parametrize(
    "text",
    [
        f"alias comfy='{KEY}=10.3.0 python main.py'",
        f"comfy() {{\n  {KEY}=10.3.0 python main.py\n}}",
        f"function rocm\n  set -gx {KEY} 10.3.0\n  python main.py\nend",
        f"rocm() {{ export {KEY}=10.3.0; python main.py; }}",
    ],
)
def test_for_a_program_only(text: str) -> None:
    """What no session has by itself."""
    assert [(a.value, a.only) for a in in_shell(text)] == [("10.3.0", True)]
    both = in_shell(f"export {KEY}=1\n{text}\n")
    assert [(a.value, a.only) for a in both] == [("1", False), ("10.3.0", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"export {KEY}=", [(1, KEY, "")]),
        (f"export {KEY}=''\n", [(1, KEY, "")]),
        (f"\n\nunset {KEY}", [(3, KEY, None)]),
        (f"export -n {KEY}", [(1, KEY, None)]),
        (f"declare +x {KEY}", [(1, KEY, None)]),
        (f"set -e {KEY}", [(1, KEY, None)]),
        (f"set -gx {KEY} -1 2", [(1, KEY, "-1 2")]),
        (f"export {KEY}=${{A:-${{B:-x y}}}}", [(1, KEY, "${A:-${B:-x y}}")]),
        (f"export {KEY}=${{{KEY}:-10.3.0}}", [(1, KEY, f"${{{KEY}:-10.3.0}}")]),
        (f"export {KEY}=$(cat /etc/gfx version)", [(1, KEY, "$(cat /etc/gfx version)")]),
        # A quote over several lines counts from where its word begins; lines after it keep their numbers.
        (f"alias x='a\nb'\nexport {KEY}=1.2.3", [(3, KEY, "1.2.3")]),
        (f"export {KEY}_2=10.3.0 HIP_VISIBLE_DEVICES=0", [(1, f"{KEY}_2", "10.3.0"), (1, "HIP_VISIBLE_DEVICES", "0")]),
        # A here-document that never ends is not one; arithmetic is none either.
        (f"echo $((1<<N))\nexport {KEY}=1.2.3", [(2, KEY, "1.2.3")]),
        (f"cat <<A <<B\nx\nA\nexport {KEY}=9.9.9\nB\nexport {KEY}=1.2.3", [(6, KEY, "1.2.3")]),
        (f"export X=\"it is\nnever closed\nexport {KEY}=1.2.3", [(3, KEY, "1.2.3")]),
        ("export LD_LIBRARY_PATH=/opt/rocm/lib:$LD_LIBRARY_PATH",
         [(1, "LD_LIBRARY_PATH", "/opt/rocm/lib:$LD_LIBRARY_PATH")]),
        ("export PYTORCH_ALLOC_CONF=a PYTORCH_HIP_ALLOC_CONF=b",
         [(1, "PYTORCH_ALLOC_CONF", "a"), (1, "PYTORCH_HIP_ALLOC_CONF", "b")]),
    ],
)  # fmt: skip
def test_details(text: str, expected: list[tuple[int, str, str | None]]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f"{KEY}=10.3.0", "10.3.0"),
        (f'{KEY}="10.3.0"', "10.3.0"),
        (f"export {KEY}=10.3.0", None),
        (f"{KEY} DEFAULT=10.3.0", None),  # pam_env.conf's alone
        (f"{KEY}=", ""),
        (f"#{KEY}=10.3.0", None),
    ],
)
def test_environment_files(line: str, value: str | None) -> None:
    assert [(a.line, a.value) for a in in_rows(dialects()["environment"], f"\n{line}\n")] == (
        [] if value is None else [(2, value)]
    )


def test_unit_files() -> None:
    text = f'[Service]\nEnvironment="{KEY}=10.3.0" HSA_ENABLE_SDMA=0 FOO=1\nExecStart=/bin/x {KEY}=9\n'
    assert [(a.line, a.key, a.value) for a in in_unit(text)] == [(2, KEY, "10.3.0"), (2, "HSA_ENABLE_SDMA", "0")]
    assert in_unit(text + "Environment=\n") == []


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(alphabet=st.sampled_from(list("HSA_X=10.3 \t\n\r'\"\\$`{}()<>;&|#-eE\0\x1b\udcff")), max_size=200))
def test_nothing_in_a_file_can_upset_it(kind: str, text: str) -> None:
    found = READERS[kind](text)
    assert all(1 <= a.line <= text.count("\n") + 1 for a in found)


WORD = st.text(alphabet="abcXYZ012 .;#$'\"|&", max_size=12)


@given(before=st.lists(WORD.map(lambda w: f"# {w}"), max_size=5), value=st.text(alphabet='abc ;#|&."$', max_size=10))
def test_a_quoted_value_comes_back(before: list[str], value: str) -> None:
    text = "\n".join([*before, f"export HSA_X='{value}'"])
    assert values(text) == [(len(before) + 1, "HSA_X", value)]


@pytest.mark.parametrize(
    "piece",
    [
        '"env": [',
        '"env":{"A":',
        "env = {",
        '"HSA_X":',
        "SETUVAR -",
        "* * * * ",
        "\\\n",
        "[",
        "{",
        "- ",
        "? ",
        "a: &a [*a, ",
        "$env.",
        "os.environ['A']=",
        "Exec=env ",
    ],
)
def test_a_hostile_list_takes_no_time(piece: str) -> None:
    for kind, reader in READERS.items():
        start = time.process_time()
        reader("HSA_" + piece * (60_000 // len(piece)))
        assert time.process_time() - start < 3, kind


def test_a_hostile_file_takes_no_time() -> None:
    for piece in ("'", '"', "'\"", "<<A ", "\\", "${", "$(", "`", '"\\', "HSA_X=", "<<A\n", "A\n<<A\n", "HSA_X=1 "):
        start = time.process_time()
        in_shell("HSA_" + piece * (60_000 // len(piece)))
        assert time.process_time() - start < 3, piece


FORMS = {
    "shell": "export {}",
    "launcher": "{} python main.py",
    "compose": "services:\n  a:\n    environment:\n      - {}\n",
    "dollar": "$env.HSA_X = 1",
    "supervisor": "environment=A=1,{}",
    "unit": "[Service]\nEnvironment={}",
    "manager": "[Manager]\nDefaultEnvironment={}",
    "nspawn": "[Exec]\nEnvironment={}",
    "hyprland": "env = HSA_X,1",
    "desktop": "Exec=env {} true",
    "envrc": "export {}",
    "autostart": "@env {} x",
    "yuck": ':onclick "{} x"',
    "hcl": "env {\n HSA_X = '1'\n}",
    "js": "process.env.HSA_X = '1'",
    "ini": "[env]\n{}",
    "parts": "export {}",
    "docker": "ENV {}",
    "elisp": '(setenv "HSA_X" "1")',
    "elvish": "set-env HSA_X 1",
    "just": "export HSA_X := '1'",
    "kdl": 'environment {\n HSA_X "1"\n}',
    "keys": 'environment="{}" ssh-ed25519 A',
    "kitty": "env {}",
    "konsole": "Environment={}",
    "lxc": "lxc.environment={}",
    "make": "export {}",
    "pinit": 'additional_flags="--env {}"',
    "python": "os.environ['HSA_X'] = '1'",
    "screen": "setenv HSA_X 1",
    "sway": "exec env {} x",
    "tmux": "setenv -g HSA_X 1",
    "vim": "let $HSA_X = '1'",
    "wrapper": "#!/bin/sh\nexport {}",
    "yaml": "a:\n  env:\n    - {}\n",
    "toml": "[env]\nHSA_X = '1'",
    "atjob": "# atrun uid=99999 gid=1\nexport {}",
    "userconf": "[Manager]\nManagerEnvironment={}",
    "cmdline": "quiet systemd.setenv={}",
    "universal": "SETUVAR --export HSA_X:1",
    "lists": 'env = ["{}"]',
    "cdi": 'env = ["{}"]',
    "podman": '[containers]\nenv = ["{}", {append=true}]',
    "json": '{"env": {"HSA_X": "1"}}',
    "kernelspec": '{"env": {"HSA_X": "1"}}',
    "sshd": "SetEnv {}\nPermitUserEnvironment yes",
    "daily": "export {}",
    "dinit": "command = env {} x",
    "execline": "export HSA_X 1",
    "tox": "setenv = {}",
    "generator": "echo {}",
    "idea": '<env name="HSA_X" value="1" />',
    "module": "setenv HSA_X 1",
    "notebook": '{"cell_type": "code", "source": [\n"%env HSA_X=1\\n"]}',
    "nvim": 'vim.env.HSA_X = "1"',
    "powershell": "$env:HSA_X = '1'",
    "steam": '"LaunchOptions" "{} %command%"',
    "sxhkd": "super + b\n  {} blender",
    "julia": 'ENV["HSA_X"] = "1"',
    "incus": "container:\n  config:\n    environment.HSA_X: 1",
    "unraid": '<Config Target="HSA_X" Type="Variable">1</Config>',
    "hyprlua": 'hl.env("HSA_X", "1")',
    "greetd": "command = \"sway --cmd 'env {} x'\"",
    "npm": '{"scripts": {\n"start": "{} node x"\n}}',
    "menu": "<command>env {} x</command>",
    "xfconf": '<property value="env {} x"/>',
    "xbindkeys": '"env {} x"',
    "procfile": "web: {} python main.py",
    "quoted": '"{}"',
    "awesome": 'awful.spawn("env {} x")',
    "navi": 'case $x in\n*"Navi 1"*)\n export {}\n;;\nesac',
}


class TestScan:
    def test_every_place_is_read(self, tmp_path: Path) -> None:
        """The table's own places; what each kind of file looks like is in tests/unit/detect/place_samples.py."""
        expected = set()
        tables = (("/home/ann", places()["home"]), ("/", places()["system"]))
        rows = [(base, how, pattern) for base, table in tables for how, _, pattern in table]
        # Of merged directories the first hides the others' files, and where one is read it is the first that is there;
        # what a file names lies beside it.
        patterns = [
            (base, how, re.split("[ |]", pattern)[0].replace("**/", "").replace("ZDOTDIR/", ""))
            for base, how, several in rows
            for pattern in several.split(";")
            if how not in ("pamd", "kube", "units", "pipfile", "sudoers", "slurm")
        ]
        put(tmp_path, "/etc/ssh/sshd_config", "PermitUserEnvironment yes\n")
        for number, (base, kind, pattern) in enumerate(patterns):
            path = PurePosixPath(base) / pattern.replace("[!w]", "").replace(
                "*", f"x{number}" if kind == "kernelspec" else "x"
            ).replace("@", "config")
            line = f'HSA_T{number} = "1";' if kind == "nix" else f"HSA_T{number}=1"
            first = "import os; " if path.suffix == ".pth" else ""
            put(tmp_path, path, first + FORMS.get(kind, "{}").replace("{}", line).replace("HSA_X", f"HSA_T{number}"))
            (tmp_path / path.relative_to("/")).chmod(0o755)
            expected.add(str(path))
        found = scan(Sysroot(tmp_path), ME, []).found
        assert {str(f.path) for f in found} == expected

    def test_shown_as_people_write_it(self, tmp_path: Path) -> None:
        put(tmp_path, "/home/ann/.config/fish/conf.d/rocm.fish", f"\nset -gx {KEY} 10.3.0\n")
        put(tmp_path, "/etc/profile.d/rocm.sh", f"export {KEY}=10.3.0\n")
        found = scan(Sysroot(tmp_path), ME, []).found
        assert [f.where for f in found] == ["/etc/profile.d/rocm.sh:1", "~/.config/fish/conf.d/rocm.fish:2"]

    def test_ours_and_hidden_files_are_left_out(self, tmp_path: Path) -> None:
        put(tmp_path, PROFILE, f"export {KEY}=10.3.0\n")
        put(tmp_path, "/etc/profile.d/.x.sh", f"export {KEY}=10.3.0\n")
        put(tmp_path, "/etc/profile.d/x.sh.bak", f"export {KEY}=10.3.0\n")
        assert scan(Sysroot(tmp_path), ME, [PROFILE]).found == ()

    def test_odd_things_in_the_home(self, tmp_path: Path) -> None:
        home = tmp_path / "home/ann"
        (home / ".bashrc").mkdir(parents=True)
        os.mkfifo(home / ".profile")
        (home / ".zshrc").symlink_to(home / ".zshrc")
        (home / ".zshenv").symlink_to("/dev/zero")
        put(tmp_path, "/home/ann/.bash_profile", b"\xff\xfe\0export HSA_X=1\n\xff")
        found = scan(Sysroot(tmp_path), ME, [])
        assert ([f.where for f in found.found], found.unreadable) == ([], ())

    def test_unreadable_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(self: Sysroot, inside: object, **more: object) -> str:
            raise PermissionError(13, "Permission denied")

        put(tmp_path, "/home/ann/.bashrc", "export HSA_XNACK=1\n")
        monkeypatch.setattr(Sysroot, "read_text", refuse)
        assert "~/.bashrc" in scan(Sysroot(tmp_path), ME, []).unreadable

    def test_read_with_the_users_rights(self, public_tmp: Path) -> None:
        """A link in the home to a file of root's shows nothing to a user who may not read it."""
        if os.geteuid() != 0:
            pytest.skip("only root can read as somebody else")
        put(public_tmp, "/root/secret", "export HSA_SECRET=1\n", 0o600)
        (public_tmp / "home/ann").mkdir(parents=True)
        (public_tmp / "home/ann/.bashrc").symlink_to("/root/secret")
        found = scan(Sysroot(public_tmp), replace(ME, uid=65534, gid=65534), [])
        assert (found.found, found.unreadable) == ((), ("~/.bashrc",))

    def test_captured_profiles(self, captures: Path, tmp_path: Path) -> None:
        for path in sorted((captures / "configs").glob("profiled-*.sh")):
            put(tmp_path, f"/etc/profile.d/{path.name}", path.read_bytes())
        found = scan(Sysroot(tmp_path), ME, []).found
        assert {(f.shown.rpartition("-")[2], f.assignment.line) for f in found} == {("symlink.sh", 3), ("append.sh", 2)}
