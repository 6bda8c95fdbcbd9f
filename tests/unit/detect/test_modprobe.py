"""modprobe.d and the kernel command line, as libkmod reads them; cross-checked with the real modprobe."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdna_installer.detect.modprobe import DIRECTORIES, parse_cmdline, parse_conf, scan_modprobe
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeNote, ModprobeOption


def options(text: str) -> list[tuple[str, str, str, int]]:
    found = [item for item in parse_conf(text, "f") if isinstance(item, ModprobeOption)]
    return [(o.module, o.key, o.value, int(o.source.removeprefix("f:"))) for o in found]


def notes(text: str) -> list[tuple[str, str, str]]:
    return [(n.module, n.kind, n.source) for n in parse_conf(text, "f") if isinstance(n, ModprobeNote)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("options amdgpu a=1 b=2\n", [("amdgpu", "a", "1", 1), ("amdgpu", "b", "2", 1)]),
        ("options\tamdgpu\t a=1\n", [("amdgpu", "a", "1", 1)]),
        ("options amdgpu a=1", [("amdgpu", "a", "1", 1)]),
        ('options amdgpu a="x y" b=1\n', [("amdgpu", "a", "x y", 1), ("amdgpu", "b", "1", 1)]),
        ('options amdgpu "a=x y"\n', [("amdgpu", "a", "x y", 1)]),
        ("\n\noptions amdgpu \\\n  a=1 \\\n  b=2\noptions ttm c=3\n",
         [("amdgpu", "a", "1", 4), ("amdgpu", "b", "2", 5), ("ttm", "c", "3", 6)]),
        ("options snd-hda-intel id-x=1\n", [("snd_hda_intel", "id_x", "1", 1)]),
        ("# options amdgpu a=1\n", []),
        ("# a comment \\\noptions amdgpu a=1\n", []),
        ("  options amdgpu a=1\n", [("amdgpu", "a", "1", 1)]),
        ("options amdgpu a=\\1\n", [("amdgpu", "a", "1", 1)]),
        ("options amdgpu a=1\r\n", [("amdgpu", "a", "1", 1)]),
        ("options amdgpu debug_evictions\n", [("amdgpu", "debug_evictions", "", 1)]),
        ("options amdgpu a=1 -- b=2\n", [("amdgpu", "a", "1", 1)]),
        ("options amdgpu.a=1\noptions amdgpu.a=1 b=2\n", []),
        ("options amdgpu\noptions\nOptions amdgpu a=1\n", []),
        ("options amd[gpu a=1\n", []),
    ],
)  # fmt: skip
def test_options(text: str, expected: list[tuple[str, str, str, int]]) -> None:
    assert options(text) == expected


def test_notes() -> None:
    text = (
        "install amdgpu /bin/true\nblacklist amdgpu\nsoftdep amdgpu pre: vfio_pci\nalias gpu amdgpu\n"
        "options amdgpu.dc=1\ninstall amdgpu\n#/bin/bash\n/bin/kmod -i amdgpu;\n"
    )
    assert notes(text) == [
        ("amdgpu", "install", "f:1"),
        ("amdgpu", "blacklist", "f:2"),
        ("amdgpu", "softdep", "f:3"),
        ("amdgpu", "alias", "f:4"),
        ("amdgpu", "dotted", "f:5"),
    ]


def put(root: Path, files: dict[str, str]) -> Sysroot:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Sysroot(root)


def test_order_and_masking(tmp_path: Path) -> None:
    root = put(
        tmp_path,
        {
            "/etc/modprobe.d/50-b.conf": "options amdgpu a=etc\n",
            "/usr/lib/modprobe.d/50-b.conf": "options amdgpu a=masked\n",
            "/usr/lib/modprobe.d/10-z.conf": "options amdgpu a=first\n",
            "/run/modprobe.d/90.conf": "options amdgpu a=run\n",
            "/etc/modprobe.d/.hidden.conf": "options amdgpu a=no\n",
            "/etc/modprobe.d/note.txt": "options amdgpu a=no\n",
            "/etc/modprobe.d/dir.conf/x": "options amdgpu a=no\n",
            "/proc/cmdline": 'quiet amdgpu.a=boot "amdgpu.b=x y"\n',
        },
    )
    assert [(o.value, o.source) for o in scan_modprobe(root)[0]] == [
        ("first", "/usr/lib/modprobe.d/10-z.conf:1"),
        ("etc", "/etc/modprobe.d/50-b.conf:1"),
        ("run", "/run/modprobe.d/90.conf:1"),
        ("boot", "kernel command line"),
        ("x y", "kernel command line"),
    ]


# modprobe.d(5), and kmod_new() in libkmod.c. tests/system/test_modprobe_masks.py asks the real one.
MASKS = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")


@pytest.mark.parametrize("number", range(len(MASKS) - 1))
def test_which_directory_masks_which(tmp_path: Path, number: int) -> None:
    """Each one all that come after it."""
    places = [f"{place}/modprobe.d/50.conf" for place in MASKS[number:]]
    root = put(tmp_path, {place: f"options amdgpu a={place}\n" for place in places})
    assert [o.value for o in scan_modprobe(root)[0]] == [places[0]]


def test_merged_usr_is_read_once(tmp_path: Path) -> None:
    root = put(tmp_path, {"/usr/lib/modprobe.d/a.conf": "options amdgpu a=1\n"})
    (tmp_path / "lib").symlink_to("usr/lib")
    assert len(scan_modprobe(root)[0]) == 1


def test_a_link_to_dev_null_masks(tmp_path: Path) -> None:
    root = put(tmp_path, {"/usr/lib/modprobe.d/a.conf": "options amdgpu a=1\n", "/etc/modprobe.d/b.conf": ""})
    (tmp_path / "etc/modprobe.d/a.conf").symlink_to("/dev/null")
    assert scan_modprobe(root)[0] == () and scan_modprobe(root)[1] == ()


def test_an_unreadable_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = put(tmp_path, {"/etc/modprobe.d/secret.conf": "options amdgpu a=1\n"})

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Sysroot, "read_text", refuse)
    assert scan_modprobe(root)[1] == (
        ModprobeNote("", "unreadable", "Permission denied", "/etc/modprobe.d/secret.conf"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quiet amdgpu.dc=1 ro", [("amdgpu", "dc", "1")]),
        ('"amdgpu.x=a b" c', [("amdgpu", "x", "a b")]),
        ('amdgpu.x="a b" c', [("amdgpu", "x", "a b")]),
        ("snd-hda-intel.x-y=1", [("snd_hda_intel", "x_y", "1")]),
        ("root=a.b=c a.b.c=1 amdgpu dc=1 .x=1 amdgpu.=1", []),
        ("amdgpu.debug_evictions -- amdgpu.a=1", [("amdgpu", "debug_evictions", ""), ("amdgpu", "a", "1")]),
        ("amd_iommu=off -- amd_iommu=on", [("", "amd_iommu", "off")]),  # what follows it is for init
        ("amd_iommu=off\0--\0amd_iommu=on", [("", "amd_iommu", "off")]),
        ("quiet --x amd_iommu=off --", [("", "amd_iommu", "off")]),
        ("", []),
    ],
)
def test_cmdline(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [item for item in parse_cmdline(text) if isinstance(item, ModprobeOption)]
    assert [(o.module, o.key, o.value) for o in found] == expected
    assert all(o.source == "kernel command line" for o in found)


@pytest.mark.parametrize("key", ["modprobe.blacklist", "module_blacklist"])
def test_cmdline_blacklist(key: str) -> None:
    assert list(parse_cmdline(f"quiet {key}=radeon,amdgpu")) == [
        ModprobeNote("radeon", "blacklist", f"{key}=radeon", "kernel command line"),
        ModprobeNote("amdgpu", "blacklist", f"{key}=amdgpu", "kernel command line"),
    ]


def test_what_the_kernel_leaves_to_init_libkmod_still_reads() -> None:
    found = parse_cmdline("quiet -- modprobe.blacklist=radeon module_blacklist=amdgpu")
    assert [item.module for item in found] == ["radeon"]


def test_captured_files(captures: Path) -> None:
    """The traps their authors fell into, one by one."""
    found = {p.name: p.read_text() for p in (captures / "configs").glob("modprobe-*.conf")}
    assert options(found["modprobe-arunscape-dotted.conf"]) == []
    assert notes(found["modprobe-arunscape-dotted.conf"]) == [("amdgpu", "dotted", "f:1")]
    assert options(found["modprobe-starch-only-comments.conf"]) == []
    assert options(found["modprobe-kiro-optin-comment.conf"]) == []
    assert options(found["modprobe-gpdwinmax2.conf"]) == [("amdgpu", "gpu_recovery", "1", 9)]
    assert options(found["modprobe-ztancrell-no-newline.conf"]) == [("amdgpu", "ppfeaturemask", "0xFFF7FFFF", 1)]
    continued = options(found["modprobe-mi300x-continuation.conf"])
    assert continued[0] == ("amdgpu", "rdma_dereg_timeout_ms", "4000", 2)
    assert [o[0] for o in continued].count("amdgpu") == 20 and continued[-1][0] == "amdkcl"
    assert [n[1] for n in notes(found["modprobe-dcheng-install-hook.conf"])] == ["install", "install"]
    assert notes(found["modprobe-nitrux-vfio.conf"])[-1] == ("amdgpu", "softdep", "f:3")


# --- the real modprobe -----------------------------------------------------------------------------------------


Word = tuple[str, str, str]


def real(root: Path) -> list[Word]:
    """The option words ``modprobe -c`` merges of a root's directories, in its order."""
    empty = root / "empty"
    empty.mkdir(exist_ok=True)
    argv = ["modprobe", "-d", str(empty)]
    for folder in DIRECTORIES:
        (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        argv += ["-C", str(root / folder.lstrip("/"))]
    shown = subprocess.run([*argv, "-c"], capture_output=True, check=True).stdout.decode("utf-8", "surrogateescape")
    words: list[Word] = []
    for line in shown.split("\n"):
        directive, _, rest = line.partition(" ")
        module, _, text = rest.partition(" ")
        if directive == "options" and "." not in module:
            # Continuations and backslashes are gone already: only the words are left to be told apart.
            words += [(o, k, v) for o, k, v, _ in options(f"options {module} " + text.replace("\\", "\\\\"))]
    return words


def merged(root: Path, nothing: list[Word]) -> list[Word]:
    """``real`` without the running machine's own command line, which is merged (last) even with -C."""
    words = real(root)
    return words[: len(words) - len(nothing)]


def ours(root: Path) -> list[Word]:
    return [(o.module, o.key, o.value) for o in scan_modprobe(Sysroot(root))[0]]


needs_modprobe = pytest.mark.skipif(shutil.which("modprobe") is None, reason="modprobe is not installed here")


@pytest.mark.processes
@needs_modprobe
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can show modprobe another command line")
@pytest.mark.parametrize("words", ["quiet -- amdgpu.a=1 modprobe.blacklist=radeon", "amdgpu.a=1 -- amdgpu.b=2"])
def test_libkmod_reads_on_after_two_dashes(tmp_path: Path, words: str) -> None:
    (tmp_path / "cmdline").write_text(f"{words}\n")
    script = 'mount --bind "$0" /proc/cmdline && exec modprobe -c'
    argv = ["unshare", "--mount", "sh", "-c", script, str(tmp_path / "cmdline")]
    said = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    for item in parse_cmdline(words):
        told = f"options {item.module} {item.key}={item.value}" if isinstance(item, ModprobeOption) else ""
        assert (told or f"blacklist {item.module}") in said


@pytest.mark.processes
@needs_modprobe
def test_captured_files_agree_with_modprobe(captures: Path, tmp_path: Path) -> None:
    """File by file, then all together."""
    nothing = real(tmp_path)
    files = sorted((captures / "configs").glob("modprobe-*.conf"))
    assert len(files) > 20
    for number, chosen in enumerate([*([f] for f in files), files]):
        folder = tmp_path / str(number) / "etc/modprobe.d"
        folder.mkdir(parents=True)
        for file in chosen:
            shutil.copy(file, folder)
        assert merged(tmp_path / str(number), nothing) == ours(tmp_path / str(number)), chosen


PIECES = st.sampled_from(
    [
        *("options", "install", "blacklist", "alias", "softdep", "amdgpu", "snd-hda", "a=1", "b-c=2", 'd="x', 'y"'),
        *(" ", "\t", "\n", "\\\n", "\\", "#", "amdgpu.x=1", "\r", "[0-9]", "]", "-1", "\n\n", "options amdgpu "),
    ]
)
NAMES = st.sampled_from(["a.conf", "b.conf", "B.conf", "10-a.conf", "_.conf", ".conf", "x.txt", "é.conf", "-a.conf"])


@pytest.mark.processes
@needs_modprobe
@settings(max_examples=150, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from(DIRECTORIES), NAMES, st.lists(PIECES, max_size=25).map("".join)),
        min_size=1,
        max_size=4,
    )
)
def test_generated_trees_agree_with_modprobe(
    tmp_path_factory: pytest.TempPathFactory, tree: list[tuple[str, str, str]]
) -> None:
    root = tmp_path_factory.mktemp("root")
    nothing = real(tmp_path_factory.mktemp("none"))
    for folder, name, text in tree:
        path = root / folder.lstrip("/") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.rstrip("\\").encode())  # kmod 30 makes a byte 0xff of a backslash at the very end
    assert merged(root, nothing) == ours(root)


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        (
            "etc/default/grub",
            '# amdgpu.noretry=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet amdgpu.noretry=0"\n',
            "/etc/default/grub:2",
        ),
        ("etc/default/grub.d/amd.cfg", 'GRUB_CMDLINE_LINUX="$X amdgpu.noretry=0"\n', "/etc/default/grub.d/amd.cfg:1"),
        ("etc/kernel/cmdline", "root=/dev/sda amdgpu.noretry=0\n", "/etc/kernel/cmdline:1"),
        ("boot/loader/entries/arch.conf", "title x\noptions rw amdgpu.noretry=0\n", "/boot/loader/entries/arch.conf:2"),
        ("etc/default/grub", "GRUB_CMDLINE_LINUX=amdgpu.noretry=01\n", None),
    ],
)
@pytest.mark.parametrize("said", ["amdgpu.noretry=0", "amd_iommu=off"])
def test_an_option_of_the_command_line_is_found_where_it_is_kept(
    tree, path: str, text: str, where: str | None, said: str
) -> None:
    """One of the kernel's own about GPUs too."""
    tree.file("proc/cmdline", f"ro iommu=pt {said}\n")
    tree.file(path, text.replace("amdgpu.noretry=0", said))
    (option,) = scan_modprobe(tree.root)[0]
    assert option.source == ("kernel command line" + (f" ({where})" if where else ""))
