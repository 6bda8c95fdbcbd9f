"""What we write is what the real parsers read: shells, kmod, systemd, Python."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rdna_installer.errors import RdnaError
from rdna_installer.plan import quoting

GENERATOR = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
SHELLS = [
    ["dash"],
    ["bash"],
    ["bash", "--posix"],
    ["busybox", "sh"],
    ["zsh"],
    ["zsh", "--emulate", "sh"],
    ["ksh"],
    ["mksh"],
]
EDGES = ["'", '"', "\\", "$", "`", "#", "!", "~", "*", " ", "=", ";", "&", "%", "$$", "${X}", "$(id)", "\\'", "é", "-"]

UNPRINTABLE = ["Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"]


def made_of(edges: list[str], plain: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Values of text mixed with what some parser may trip over."""
    return st.lists(st.sampled_from(edges) | plain, min_size=1, max_size=6).map("".join).filter(str.isprintable)


def characters(without: str) -> st.SearchStrategy[str]:
    return st.text(st.characters(blacklist_categories=UNPRINTABLE, blacklist_characters=without), min_size=1)


def lacking(without: str) -> list[str]:
    return [edge for edge in EDGES if not set(without) & set(edge)]


values = made_of(EDGES, characters(""))
brace_free = made_of(lacking("{}"), characters("{}"))
ascii_text = st.text(st.characters(min_codepoint=32, max_codepoint=126, blacklist_characters='"'), min_size=1)
ascii_values = made_of(lacking('"é'), ascii_text)
some = settings(max_examples=40)


@pytest.mark.processes
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@given(batch=st.lists(values, min_size=1, max_size=20))
@some
def test_every_shell_reads_the_word_back(shell: list[str], batch: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed: not tested with it")
    script = "".join(f"printf '%s\\0' {quoting.sh_word(value)}\n" for value in batch)
    done = subprocess.run([*shell, "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8", **PATH})
    assert done.stdout.decode().split("\0")[:-1] == batch
    assert done.stderr == b""


@pytest.mark.processes
@given(batch=st.lists(values, min_size=1, max_size=20))
@some
def test_a_word_within_double_quotes_is_read_twice(batch: list[str]) -> None:
    """As distrobox does with --additional-flags."""
    inside = quoting.sh_quoted(" ".join(map(quoting.sh_word, batch)))
    script = f"""eval "set -- "{'"' + inside + '"'}; printf '%s\\0' "$@" """
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8", **PATH})
    assert done.stdout.decode().split("\0")[:-1] == batch


@given(values)
def test_compose_reads_it_back(value: str) -> None:
    read = yaml.safe_load(f"KEY: {quoting.compose_word(value)}")["KEY"]
    assert "$" not in read.replace("$$", "") and read.replace("$$", "$") == value


PATH = {"PATH": os.environ["PATH"]}


@given(values)
def test_shlex_and_python_read_it_back(value: str) -> None:
    assert shlex.split(quoting.sh_word(value)) == [value]
    literal = quoting.python_literal(value)
    assert ast.literal_eval(literal) == value
    assert literal.isascii()


@pytest.mark.processes
@given(batch=st.lists(ascii_values, min_size=1, max_size=20))
@some
def test_modprobe_and_the_kernel_read_it_back(batch: list[str], tmp_path: Path) -> None:
    modprobe = shutil.which("modprobe", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if modprobe is None:
        pytest.skip("modprobe is not installed: quoting for it not tested")
    words = " ".join(f"k{n}={quoting.modprobe_value(value)}" for n, value in enumerate(batch))
    (tmp_path / "x.conf").write_text(f"options rdnaquoting {words}\n")
    out = subprocess.run([modprobe, "-c", "-C", str(tmp_path)], capture_output=True, check=True, text=True).stdout
    lines = [line for line in out.splitlines() if line.startswith("options rdnaquoting ")]
    assert len(lines) == 1
    read = kernel_arguments(lines[0].removeprefix("options rdnaquoting "))
    assert read == [(f"k{n}", value) for n, value in enumerate(batch)]


def kernel_arguments(text: str) -> list[tuple[str, str]]:
    """next_arg() of the kernel's lib/cmdline.c, which splits module options."""
    found, word, quoted = [], "", False
    for char in text + " ":
        if char == " " and not quoted:
            if word:
                key, _, value = word.partition("=")
                found.append((key, value[1:].removesuffix('"') if value.startswith('"') else value))
            word = ""
            continue
        quoted ^= char == '"'
        word += char
    return found


@pytest.mark.processes
@given(batch=st.lists(brace_free, min_size=1, max_size=20), mine=values)
@some
def test_systemd_reads_it_back_and_an_existing_value_wins(batch: list[str], mine: str, tmp_path: Path) -> None:
    if not GENERATOR.exists():
        pytest.skip("systemd's environment.d generator is not installed: quoting for it not tested")
    folder = tmp_path / "environment.d"
    folder.mkdir(exist_ok=True)
    keys = [f"RDNA_TEST_{n}" for n in range(len(batch))]
    lines = [f"{key}={quoting.environment_d_value(value, key)}\n" for key, value in zip(keys, batch, strict=True)]
    lines.append(f"RDNA_TEST_MINE={quoting.environment_d_value('ours', 'RDNA_TEST_MINE')}\n")
    (folder / "60-x.conf").write_text("".join(lines))
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "RDNA_TEST_MINE": mine, "LC_ALL": "C.UTF-8", **PATH}
    out = subprocess.run([GENERATOR], capture_output=True, check=True, env=environment).stdout
    read = dict(generated(line) for line in out.decode().split("\n")[:-1])
    assert [read[key] for key in keys] == batch
    assert read["RDNA_TEST_MINE"] == mine


def generated(line: str) -> tuple[str, str]:
    """A line of the generator, which quotes for systemd's own reader (not for a shell: ``~`` stays bare)."""
    key, _, value = line.partition("=")
    return key, re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


@pytest.mark.parametrize("value", ["", "a\nb", "a\tb", "\x00", "\x7f", "\x1b[31m", "\udc80", "\u2028", "\u200e"])
@pytest.mark.parametrize(
    "quote", [quoting.sh_word, quoting.modprobe_value, lambda v: quoting.environment_d_value(v, "A")]
)
def test_refuses_what_no_file_may_hold(value: str, quote) -> None:
    with pytest.raises(RdnaError) as caught:
        quote(value)
    assert caught.value.reference == "bad-value"


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        (quoting.modprobe_value, 'a"b'),
        (quoting.modprobe_value, "é"),
        (lambda v: quoting.environment_d_value(v, "A"), "a}b"),
        (lambda v: quoting.environment_d_value(v, "A"), "${HOME}"),
        (quoting.python_literal, "a\nb"),
    ],
)
def test_refuses_what_its_format_cannot_hold(quote, value: str) -> None:
    with pytest.raises(RdnaError) as caught:
        quote(value)
    assert caught.value.reference == "bad-value"


@pytest.mark.parametrize(
    ("key", "expected"),
    [("noretry", ("amdgpu", "noretry")), ("ttm.pages_limit", ("ttm", "pages_limit")), ("a.b.c", None), ("", None),
     ("x y", None), ("x=1", None), ("x\n", None), ("é", None), (".x", None), ("x-y", None)],
)  # fmt: skip
def test_module_parameter(key: str, expected: tuple[str, str] | None) -> None:
    if expected is None:
        with pytest.raises(RdnaError, match="no name of a module parameter"):
            quoting.module_parameter(key)
    else:
        assert quoting.module_parameter(key) == expected


@pytest.mark.parametrize("key", ["HSA_XNACK", "_X", "A1"])
def test_variable_name(key: str) -> None:
    assert quoting.variable_name(key) == key


@pytest.mark.parametrize("key", ["", "a", "1A", "A-B", "A B", "A=", "A\n", "Ä", "A;id", "conv"])
def test_variable_name_refused(key: str) -> None:
    with pytest.raises(RdnaError) as caught:
        quoting.variable_name(key)
    assert caught.value.reference == "bad-key"


@given(st.text())
def test_a_comment_stays_one_harmless_line(text: str) -> None:
    written = quoting.comment(text)
    assert written.isascii()
    assert (written + "x").isprintable()
    assert "\\" not in written
