"""Every place a ROCm can be, and for which targets its rocBLAS has kernels."""

from __future__ import annotations

import pytest

from rdna_installer.detect.rocm import find_rocm, given, targets_in
from rdna_installer.errors import Exit, RdnaError

STATUS = """\
Package: rocm-core
Status: {status}
Version: 6.2.4.60204-139~22.04

Package: bash
Status: install ok installed
Version: 5.2.15-2+b2
"""
DEBIAN = """\
Package: libamdhip64-5
Status: install ok installed
Version: 5.7.1-6

Package: libamdhip64-6
Status: deinstall ok config-files
Version: 6.1.2-1

Package: libhsa-runtime64-1
Status: install ok installed
Version: 5.7.1-2
"""


def _found(tree) -> list[tuple[str, str, str]]:
    return [(r.version, r.path, r.source) for r in find_rocm(tree.root)]


def test_none(tree) -> None:
    assert find_rocm(tree.root) == ()


def test_the_one_in_use_first_and_each_once(tree) -> None:
    tree.file("/opt/rocm-6.2.4/.info/version", "6.2.4-139\n")
    tree.file("/opt/rocm-5.7.0/lib/x")
    tree.file("/opt/rocm-6.2.4/lib/rocblas/library/TensileLibrary_lazy_gfx1030.dat")
    tree.link("/opt/rocm", "/etc/alternatives/rocm")
    tree.link("/etc/alternatives/rocm", "/opt/rocm-6.2.4")
    assert _found(tree) == [
        ("6.2.4", "/opt/rocm-6.2.4", "/opt/rocm-6.2.4/.info/version"),
        ("5.7.0", "/opt/rocm-5.7.0", "/opt/rocm-5.7.0"),
    ]
    assert find_rocm(tree.root)[0].gfx_targets == ("gfx1030",)


def test_therock_beside_a_folder_that_is_none(tree) -> None:
    tree.file("/opt/rocm/core-7.15/.info/version", "7.15.0\n")
    tree.file("/opt/rocm/core-7.14/lib/x")
    tree.link("/opt/rocm/core", "core-7.15")
    tree.link("/opt/rocm/lib", "core/lib")
    assert _found(tree) == [
        ("7.15.0", "/opt/rocm/core-7.15", "/opt/rocm/core-7.15/.info/version"),
        ("7.14", "/opt/rocm/core-7.14", "/opt/rocm/core-7.14"),
    ]


def test_debians_own_packages(tree) -> None:
    tree.file("/var/lib/dpkg/status", DEBIAN)
    tree.file("/usr/lib/x86_64-linux-gnu/rocblas/2.47.0/library/Kernels.so-000-gfx1010.hsaco")
    (found,) = find_rocm(tree.root)
    assert (found.version, found.path, found.source) == ("5.7.1", "/usr", "dpkg libamdhip64-5")
    assert found.gfx_targets == ("gfx1010",)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("install ok installed", [("6.2.4", "/opt/rocm", "dpkg rocm-core")]), ("deinstall ok config-files", [])],
)
def test_a_package_counts_when_it_is_installed(tree, status, wanted) -> None:
    tree.file("/var/lib/dpkg/status", STATUS.format(status=status))
    assert _found(tree) == wanted


def test_the_package_of_a_folder_found_is_no_second_install(tree) -> None:
    tree.file("/var/lib/dpkg/status", STATUS.format(status="install ok installed"))
    tree.file("/opt/rocm/.info/version", "6.2.4-139")
    assert _found(tree) == [("6.2.4", "/opt/rocm", "/opt/rocm/.info/version")]


def test_fedora_by_the_librarys_name(tree) -> None:
    tree.file("/usr/lib64/libhsa-runtime64.so.1")
    tree.link("/usr/lib64/libamdhip64.so.5", "libamdhip64.so.5.7.31921")
    tree.link("/usr/lib64/libamdhip64.so.6", "libamdhip64.so.6.2.41134")
    tree.file("/usr/lib64/rocm/gfx10/lib/rocblas/library/TensileLibrary_lazy_gfx1031.dat")
    (found,) = find_rocm(tree.root)
    assert (found.version, found.source) == ("6.2", "/usr/lib64/libamdhip64.so.6")
    assert found.gfx_targets == ("gfx1031",)


def test_links_lead_nowhere_outside(tree) -> None:
    tree.link("/opt/rocm", "/opt/rocm")
    tree.link("/opt/rocm-9.9.9", "../../../../etc")
    assert _found(tree) == []


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["TensileLibrary_lazy_gfx90a.dat", "TensileLibrary_lazy_gfx1030.dat"], ("gfx90a", "gfx1030")),
        # fallback objects without the lazy index: rocBLAS would stop at "Cannot read TensileLibrary.dat"
        (["TensileLibrary_lazy_gfx1030.dat", "Kernels.so-000-gfx1010.hsaco"], ("gfx1030",)),
        (["Kernels.so-000-gfx90a-xnack+.hsaco", "TensileLibrary_gfx1010.co"], ("gfx90a", "gfx1010")),
        (
            ["TensileLibrary_lazy_gfx10-3-generic.dat", "TensileLibrary_lazy_gfx1201.dat"],
            ("gfx1201", "gfx10-3-generic"),
        ),
        (["TensileLibrary.dat", "notes-gfxcard.txt", "Kernels-gfx101x.co"], ()),
    ],
)
def test_targets_by_file_names(tree, names, wanted) -> None:
    for name in names:
        tree.file(f"/lib/{name}")
    assert targets_in(tree.root, ["/lib"]) == wanted


def test_given() -> None:
    (rocm,) = given("6.2.4")
    assert (rocm.version, rocm.path, rocm.source) == ("6.2.4", "", "given")


@pytest.mark.parametrize("text", ["", "6", "six", "6.2.4.1", "6.2\n; rm", "6.2-1", "1234.5"])
def test_given_must_be_a_version(text) -> None:
    with pytest.raises(RdnaError) as err:
        given(text)
    assert (err.value.reference, err.value.exit_code) == ("bad-rocm-version", Exit.USAGE)
