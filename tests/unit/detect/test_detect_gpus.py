"""Merging the KFD with DRM: who decides, what is hidden, what is no GPU."""

from __future__ import annotations

import pytest

from rdna_installer.detect import targets
from rdna_installer.detect.gpus import find_gpus, with_given
from rdna_installer.detect.kfd import parse_properties
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.model import GfxSource


def _brief(scan) -> list[tuple[str, str | None, int | None, str]]:
    return [(gpu.gfx, gpu.pci, gpu.kfd_node, gpu.source.value) for gpu in scan.gpus]


def test_the_kfd_decides_and_drm_adds_the_product(tree) -> None:
    tree.node(0, cpu_cores_count=16, simd_count=0, gfx_target_version=0)
    tree.gpu_node(1, 100100, 0x731F, location_id=0x300, domain=0, unique_id=77, drm_render_minor=128)
    tree.card(0, "1002:731F", "0000:03:00.0", "ca")
    (gpu,) = find_gpus(tree.root).gpus
    assert (gpu.gfx, gpu.name, gpu.pci, gpu.device) == ("gfx1010", "AMD Radeon RX 5600 XT", "0000:03:00.0", "731f")
    assert (gpu.kfd_node, gpu.source, gpu.unique_id, gpu.render_minor) == (1, GfxSource.KFD, 77, 128)


def test_the_kfd_wins_over_the_table(tree) -> None:
    tree.gpu_node(1, 100301, 0x731F, location_id=0x300, domain=0)
    tree.card(0, "1002:731F", "0000:03:00.0")
    assert _brief(find_gpus(tree.root)) == [("gfx1031", "0000:03:00.0", 1, "kfd")]


def test_a_card_the_kfd_skipped_is_listed_without_a_node(tree) -> None:
    tree.gpu_node(1, 100306, 0x164E, location_id=0x1700, domain=0)
    tree.card(0, "1002:164E", "0000:17:00.0")
    tree.card(1, "1002:731F", "0000:03:00.0", "c1")
    assert _brief(find_gpus(tree.root)) == [
        ("gfx1036", "0000:17:00.0", 1, "kfd"),
        ("gfx1010", "0000:03:00.0", None, "pci-id"),
    ]


def test_without_an_address_the_device_id_finds_the_card(tree) -> None:
    tree.gpu_node(1, 100302, 0x73FF)
    tree.gpu_node(2, 100306, 0x164E)
    tree.card(0, "1002:164E", "0000:17:00.0")
    tree.card(1, "1002:73FF", "0000:03:00.0", "c7")
    scan = find_gpus(tree.root)
    assert _brief(scan) == [("gfx1032", "0000:03:00.0", 1, "kfd"), ("gfx1036", "0000:17:00.0", 2, "kfd")]
    assert scan.gpus[0].name == "AMD Radeon RX 6600"


def test_two_alike_without_addresses_are_two_gpus_and_no_guess(tree) -> None:
    for n in (1, 2):
        tree.gpu_node(n, 0, 0x6860)
        tree.card(n, "1002:6860", f"0000:0{n}:00.0")
    assert _brief(find_gpus(tree.root)) == [("gfx900", None, 1, "pci-id"), ("gfx900", None, 2, "pci-id")]


def test_one_node_and_two_cards_alike_is_no_guess_either(tree) -> None:
    tree.gpu_node(1, 0, 0x6860)
    for n in (1, 2):
        tree.card(n, "1002:6860", f"0000:0{n}:00.0")
    assert _brief(find_gpus(tree.root))[0] == ("gfx900", None, 1, "pci-id")


def test_a_full_address_is_not_bent_to_another_domain(tree) -> None:
    tree.gpu_node(1, 90402, 0x74A0, location_id=0x200, domain=0)
    tree.card(0, "1002:74A0", "0001:02:00.0")
    assert _brief(find_gpus(tree.root)) == [
        ("gfx942", "0000:02:00.0", 1, "kfd"),
        ("gfx942", "0001:02:00.0", None, "pci-id"),
    ]


def test_without_a_domain_the_slot_finds_the_card(tree) -> None:
    tree.gpu_node(1, 0, 0x6860, location_id=0x1900)
    tree.gpu_node(2, 0, 0x6860, location_id=0x1A00)
    tree.card(0, "1002:6860", "0001:1a:00.0")
    tree.card(1, "1002:6860", "0000:19:00.0")
    assert _brief(find_gpus(tree.root)) == [
        ("gfx900", "0000:19:00.0", 1, "pci-id"),
        ("gfx900", "0001:1a:00.0", 2, "pci-id"),
    ]


def test_further_partitions_are_no_further_gpus(tree) -> None:
    for n in range(8):
        tree.gpu_node(n + 1, 90402, 0x74A1, location_id=n << 28 | 0x200, domain=0)
    for n in range(1, 8):  # their DRM nodes: platform devices
        tree.file(f"/sys/class/drm/card{n}/device/uevent", "DRIVER=\nMODALIAS=platform:amdgpu_xcp\n")
    tree.card(0, "1002:74A1", "0000:02:00.0", PCI_CLASS="120000")
    assert _brief(find_gpus(tree.root)) == [("gfx942", "0000:02:00.0", 1, "kfd")]


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"nonsense"])
def test_a_node_that_says_nothing_is_hidden(tree, content) -> None:
    tree.file("/sys/class/kfd/kfd/topology/nodes/1/properties", content)
    scan = find_gpus(tree.root)
    assert (scan.gpus, scan.hidden_nodes) == ((), 1)


def test_hidden_nodes_keep_the_bus_out_of_it(tree) -> None:
    tree.file("/sys/class/kfd/kfd/topology/nodes/1/properties")
    tree.file("/sys/bus/pci/devices/0000:03:00.0/uevent", "PCI_CLASS=30000\nPCI_ID=1002:731F\n")
    assert find_gpus(tree.root).gpus == ()


def test_a_node_of_another_vendor_is_none(tree) -> None:
    tree.gpu_node(1, 100100, 0x731F, vendor_id=0x10DE)
    assert find_gpus(tree.root).gpus == ()


def test_an_accelerator_without_display(tree) -> None:
    tree.card(0, "1002:740F", "0000:63:00.0", PCI_CLASS="120000")
    assert _brief(find_gpus(tree.root)) == [("gfx90a", "0000:63:00.0", None, "pci-id")]


@pytest.mark.parametrize("value", ["٣", "1_0", "-1", "+1", "0x40", "9" * 21, ""])
def test_only_plain_decimals_are_numbers(value) -> None:
    assert parse_properties(f"simd_count {value}\n") == {}


def test_nul_padding_is_nothing(tree) -> None:
    text = b"simd_count 64\ngfx_target_version 100301\nvendor_id 4098\ndevice_id 29663\nlocation_id 768\ndomain 0\n"
    tree.file("/sys/class/kfd/kfd/topology/nodes/1/properties", text.ljust(4096, b"\0"))
    assert _brief(find_gpus(tree.root)) == [("gfx1031", "0000:03:00.0", 1, "kfd")]


def test_the_gc_version_helps_only_a_card_the_table_does_not_know(tree) -> None:
    tree.card(0, "1002:FFF0", "0000:03:00.0")
    for name, value in {"major": 11, "minor": 0, "revision": 1}.items():
        tree.file(f"/sys/class/drm/card0/device/ip_discovery/die/0/11/0/{name}", f"{value}\n")
    assert _brief(find_gpus(tree.root)) == [("gfx1103", "0000:03:00.0", None, "drm")]


def test_ids_from_single_files_and_the_address_from_the_link(tree) -> None:
    for name, value in {"vendor": "0x1002", "device": "0x73bf", "class": "0x038000", "revision": "0xc1"}.items():
        tree.file(f"/sys/devices/pci0000:00/0000:0a:00.0/{name}", f"{value}\n")
    tree.link("/sys/class/drm/card0/device", "../../../devices/pci0000:00/0000:0a:00.0")
    (gpu,) = find_gpus(tree.root).gpus
    assert (gpu.gfx, gpu.pci, gpu.name) == ("gfx1030", "0000:0a:00.0", "AMD Radeon RX 6800 XT")


@pytest.mark.parametrize(
    ("uevent", "why"),
    [
        ({"PCI_ID": "1022:1478", "PCI_CLASS": "60400"}, "a bridge pci.ids calls Navi 10"),
        ({"PCI_ID": "1002:731F", "PCI_CLASS": "40300"}, "the GPU's sound device"),
        ({"PCI_ID": "10DE:2704"}, "another vendor"),
        ({"PCI_ID": "8086:56A5"}, "another vendor"),
        ({"PCI_ID": "1002:1731F"}, "no PCI id"),
    ],
)
def test_no_gpu(tree, uevent, why) -> None:
    tree.card(0, uevent.pop("PCI_ID"), "0000:03:00.0", **uevent)
    scan = find_gpus(tree.root)
    assert (scan.gpus, scan.unidentified) == ((), ()), why


def test_the_bus_is_the_last_resort(tree) -> None:
    tree.file("/sys/bus/pci/devices/0000:03:00.0/uevent", "PCI_CLASS=30000\nPCI_ID=1002:731F\n")
    tree.file("/sys/bus/pci/devices/0000:00:01.0/uevent", "PCI_CLASS=60400\nPCI_ID=1022:1478\n")
    scan = find_gpus(tree.root)
    assert _brief(scan) == [("gfx1010", "0000:03:00.0", None, "pci-id")]
    assert scan.looked[-1] == "/sys/bus/pci/devices: 2 PCI device(s), 1 by AMD"


def test_a_card_given_to_a_guest_is_named_and_no_gpu(tree) -> None:
    text = "DRIVER=vfio-pci\nPCI_CLASS=30000\nPCI_ID=1002:731F\nPCI_SLOT_NAME=0000:03:00.0\n"
    tree.file("/sys/bus/pci/devices/0000:03:00.0/uevent", text)
    scan = find_gpus(tree.root)
    assert scan.gpus == ()
    assert scan.unidentified[0].why == "gfx1010, but bound to vfio-pci: ROCm needs amdgpu"


def test_nothing_says_where_it_looked(tree) -> None:
    assert find_gpus(tree.root).looked == (
        "/sys/class/kfd/kfd/topology/nodes: not there",
        "/sys/class/drm: not there",
        "/sys/bus/pci/devices: not there",
    )


@pytest.mark.parametrize(
    ("target", "device", "values", "integrated"),
    [
        (100306, 0x164E, {}, True),
        (110501, 0x1586, {}, True),
        (90012, 0x1638, {}, True),
        (90402, 0x74A0, {"local_mem_size": 0}, False),
        (100302, 0x73FF, {"local_mem_size": 0}, False),
        (80003, 0x67DF, {"cpu_cores_count": 4}, True),
    ],
)
def test_integrated(tree, target, device, values, integrated) -> None:
    tree.gpu_node(1, target, device, **values)
    assert find_gpus(tree.root).gpus[0].integrated is integrated


def test_the_environment_changes_nothing(tree, monkeypatch) -> None:
    tree.gpu_node(1, 100100, 0x731F, location_id=0x300, domain=0)
    tree.card(0, "1002:731F", "0000:03:00.0", "ca")
    before = find_gpus(tree.root)
    for name in ("HSA_OVERRIDE_GFX_VERSION", "HSA_OVERRIDE_GFX_VERSION_1", "HIP_VISIBLE_DEVICES",
                 "ROCR_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "HSA_ENABLE_SDMA"):  # fmt: skip
        monkeypatch.setenv(name, "10.3.0")
    assert find_gpus(tree.root) == before


def test_given_where_nothing_was_found(tree) -> None:
    (gpu,) = with_given(find_gpus(tree.root), "GFX1036").gpus
    assert (gpu.gfx, gpu.source, gpu.pci, gpu.device, gpu.integrated) == ("gfx1036", GfxSource.GIVEN, None, None, True)


def test_given_among_those_found_comes_first_and_hides_nothing(tree) -> None:
    tree.gpu_node(1, 100306, 0x164E)
    tree.gpu_node(2, 100302, 0x73FF)
    assert [gpu.gfx for gpu in with_given(find_gpus(tree.root), "gfx1032").gpus] == ["gfx1032", "gfx1036"]


def test_given_for_another_machine_stands_alone(tree) -> None:
    tree.gpu_node(1, 100302, 0x73FF)
    assert [(g.gfx, g.source) for g in with_given(find_gpus(tree.root), "gfx1201").gpus] == [
        ("gfx1201", GfxSource.GIVEN)
    ]


@pytest.mark.parametrize("name", ["gfx9010", "gfx", "", "navi99", "gfx1010;rm"])
def test_given_must_be_a_target(tree, name) -> None:
    with pytest.raises(RdnaError) as err:
        with_given(find_gpus(tree.root), name)
    assert (err.value.reference, err.value.exit_code) == ("unknown-gfx", Exit.USAGE)
    assert "gfx1010 gfx1011" in (err.value.hint or "")


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (100100, "gfx1010"), (90010, "gfx90a"), (90012, "gfx90c"), (110501, "gfx1151"), (90402, "gfx942"),
        (70000, "gfx700"), (120001, "gfx1201"), (130000, "gfx1300"),
        (0, None), (100116, None), (101600, None), (99, None), (10**19, None),
    ],
)  # fmt: skip
def test_the_name_of_a_version(version, name) -> None:
    assert targets.of_version(version) == name


def test_what_a_card_is_made_of(tree) -> None:
    """Compute units and memory, and the firmware whose versions decide what is known to fail."""
    tree.gpu_node(1, 110000, 0x744C, simd_count=192, simd_per_cu=2, location_id=0x300, domain=0)
    tree.card(0, "1002:744C", "0000:03:00.0", "c8")
    device = "sys/class/drm/card0/device"
    tree.file(f"{device}/mem_info_vram_total", "25753026560\n")
    tree.file(f"{device}/fw_version/mes_fw_version", "0x00051083\n")
    tree.file(f"{device}/fw_version/sdma_fw_version", "0x00000017\n")
    gpu = find_gpus(tree.root).gpus[0]
    assert (gpu.compute_units, gpu.vram_bytes, gpu.mes, gpu.sdma) == (96, 25753026560, 0x83, 0x17)
