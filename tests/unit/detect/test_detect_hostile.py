"""Whatever the files hold: facts or an RdnaError, never another exception, never a hang."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from detect_tree import Tree
from hypothesis import given, settings
from hypothesis import strategies as st

from rdna_installer.detect import host
from rdna_installer.detect.gpus import find_gpus
from rdna_installer.detect.kfd import parse_properties
from rdna_installer.detect.rocm import find_rocm
from rdna_installer.detect.sites import interpreter_at
from rdna_installer.detect.torch import parse_version, read_torch
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError

KEYS = st.sampled_from(
    ["simd_count", "gfx_target_version", "vendor_id", "device_id", "location_id", "domain", "unique_id", "x", ""]
)
NUMBERS = st.one_of(
    st.integers().map(str), st.text(max_size=8), st.sampled_from(["4098", "9" * 5000, "٣", "1_0", "+1"])
)
PROPERTIES = st.lists(st.tuples(KEYS, NUMBERS), max_size=9).map(lambda rows: "\n".join(f"{k} {v}" for k, v in rows))
UEVENTS = st.lists(
    st.tuples(
        st.sampled_from(["PCI_ID", "PCI_CLASS", "PCI_SLOT_NAME", "DRIVER", ""]),
        st.one_of(st.text(max_size=12), st.sampled_from(["1002:731F", "1002:", "30000", "../../x", "0" * 5000])),
    ),
    max_size=6,
).map(lambda rows: "\n".join(f"{k}={v}" for k, v in rows))
TEXT = st.text(max_size=300)
BYTES = st.binary(max_size=300)
QUICK = settings(max_examples=60)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("hostile"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@QUICK
@given(properties=st.one_of(PROPERTIES.map(_bytes), BYTES), uevent=st.one_of(UEVENTS.map(_bytes), BYTES), id_file=BYTES)
def test_gpus(place: Tree, properties: bytes, uevent: bytes, id_file: bytes) -> None:
    place.file("/sys/class/kfd/kfd/topology/nodes/1/properties", properties)
    place.file("/sys/class/drm/card0/device/uevent", uevent)
    for name in ("vendor", "revision", "ip_discovery/die/0/11/0/major"):
        place.file(f"/sys/class/drm/card0/device/{name}", id_file)
    scan = find_gpus(place.root)
    assert all(gpu.gfx.startswith("gfx") and gpu.gfx[3:].isalnum() for gpu in scan.gpus)


@QUICK
@given(text=st.one_of(TEXT, PROPERTIES))
def test_properties(text: str) -> None:
    assert all(0 <= value < 10**20 for value in parse_properties(text).values())


@QUICK
@given(tail=st.one_of(TEXT, st.text(alphabet="([{-~'\"\\ \n=:", max_size=400)))
def test_version_py(place: Tree, tail: str) -> None:
    parse_version("__version__ = " + tail)
    place.file("/site/torch/version.py", _bytes("__version__ = " + tail))
    torch = read_torch(place.root, PurePosixPath("/site"))
    assert torch is not None
    assert torch.version.isprintable()


@QUICK
@given(text=st.one_of(TEXT, TEXT.map(lambda t: f"ID={t}\nVERSION_ID={t}")))
def test_os_release(place: Tree, text: str) -> None:
    place.file("/etc/os-release", _bytes(text))
    found = host.find_distro(place.root)
    assert found.id.isprintable()
    assert found.id


@QUICK
@given(config=st.one_of(TEXT, TEXT.map(lambda t: f"home = /{t}\nversion = {t}\ninclude-system-site-packages = true")))
def test_pyvenv_cfg(place: Tree, config: str) -> None:
    place.file("/venv/pyvenv.cfg", _bytes(config))
    place.file("/venv/bin/python")
    for version in ("3.10", "3.11"):
        place.file(f"/venv/lib/python{version}/site-packages/x")
    try:
        interpreter_at(place.root, "/venv")
    except RdnaError as err:
        assert err.reference == "not-a-python"


@QUICK
@given(path=st.text(alphabet=st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=400))
def test_any_path_for_python(place: Tree, path: str) -> None:
    with pytest.raises(RdnaError) as err:
        interpreter_at(place.root, f"/nothing/{path}")
    assert err.value.reference == "not-a-python"


@QUICK
@given(text=TEXT)
def test_accounts(place: Tree, text: str) -> None:
    place.file("/etc/passwd", _bytes(f"u:x:1000:{text}:/h:/s\n{text}"))
    place.file("/etc/group", _bytes(text))
    assert user_of(place.root, 1000).uid == 1000


@QUICK
@given(version=TEXT, info=TEXT)
def test_rocm(place: Tree, version: str, info: str) -> None:
    place.file("/opt/rocm/.info/version", _bytes(info))
    place.file("/var/lib/dpkg/status", _bytes(f"Package: libamdhip64-5\nStatus: x installed\nVersion: {version}\n"))
    for rocm in find_rocm(place.root):
        assert rocm.version.replace(".", "").isdecimal()


def test_an_endless_link_below_every_place(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for place in ("/sys/class/drm/card0/device", "/opt/rocm", "/etc/os-release", "/etc/passwd", "/var/lib/dpkg/status"):
        tree.link(place, place)
    assert find_gpus(tree.root).gpus == ()
    assert find_rocm(tree.root) == ()
    assert host.find_distro(tree.root).id == "unknown"
    assert user_of(tree.root, 1000).name == "1000"


@pytest.mark.parametrize("name", ["torch.egg-link", "__editable__.torch-9.pth", "__editable___torch_9_finder.py"])
@pytest.mark.parametrize("what", ["fifo", "zero", "root", "text"])
def test_an_editable_install_that_leads_nowhere(name: str, what: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    path = tmp_path / "site" / name
    path.parent.mkdir()
    if what == "fifo":
        os.mkfifo(path)
    elif what == "text":
        path.write_text("/" + "a" * 5000 + "\n'torch': '/" + "../" * 900 + "dev/fd/0'\n/proc/self/root\n\0/x\n")
    else:
        path.symlink_to("/dev/zero" if what == "zero" else "/")
    assert read_torch(tree.root, PurePosixPath("/site")) is None
