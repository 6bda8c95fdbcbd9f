"""Named services: which unit is meant, what its drop-in holds, who wins over it, and what a change leaves alone."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import odd_unit
import pytest

from rdna_installer.detect.units import decided, find_unit, folders_of, in_force
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.plan.quoting import fish_word
from rdna_installer.plan.services import stronger

DROP_IN = "etc/systemd/system/ollama.service.d/60-rdna-installer.conf"
OURS = PurePosixPath("/") / DROP_IN
UNIT = "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironmentFile=-/etc/default/ollama\nEnvironment=HSA_A=u\n"
KEYS = ("HSA_A", "HSA_B", "HSA_C", "HSA_D")
TEXT = "[Service]\nEnvironment=HSA_A=ours HSA_B=ours HSA_C=ours HSA_D=ours\n"
# What else there is -> where each variable of the drop-in is decided, and to what (reach.md, section 3).
CASES = {
    "alone": ({}, {"HSA_A": (f"/{DROP_IN}:2", "ours"), "HSA_D": (f"/{DROP_IN}:2", "ours")}),
    "the user's override.conf": (
        {"etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=HSA_C=user\n"},
        {"HSA_C": ("/etc/systemd/system/ollama.service.d/override.conf:2", "user"), "HSA_A": (f"/{DROP_IN}:2", "ours")},
    ),
    "an earlier drop-in": (
        {"usr/lib/systemd/system/ollama.service.d/10.conf": "[Service]\nEnvironment=HSA_C=vendor\n"},
        {"HSA_C": (f"/{DROP_IN}:2", "ours")},
    ),
    "an EnvironmentFile": ({"etc/default/ollama": "\nHSA_B=file\n"}, {"HSA_B": ("/etc/default/ollama:2", "file")}),
    "an empty one later": (
        {"etc/systemd/system/ollama.service.d/zz.conf": "[Service]\nEnvironment=\n"},
        {"HSA_A": ("/etc/systemd/system/ollama.service.d/zz.conf", None)},
    ),
    "UnsetEnvironment": (
        {"etc/systemd/system/ollama.service.d/10.conf": "[Service]\nUnsetEnvironment=HSA_B\n"},
        {"HSA_B": ("/etc/systemd/system/ollama.service.d/10.conf", None), "HSA_C": (f"/{DROP_IN}:2", "ours")},
    ),
    "UnsetEnvironment, and taken back": (
        {"etc/systemd/system/ollama.service.d/10.conf": "[Service]\nUnsetEnvironment=HSA_B\nUnsetEnvironment=\n"},
        {"HSA_B": (f"/{DROP_IN}:2", "ours")},
    ),
    "of all services, later": (
        {"etc/systemd/system/service.d/99.conf": "[Service]\nEnvironment=HSA_D=all\n"},
        {"HSA_D": ("/etc/systemd/system/service.d/99.conf:2", "all")},
    ),
    "of all services, earlier": (
        {"etc/systemd/system/service.d/10.conf": "[Service]\nEnvironment=HSA_D=all\n"},
        {"HSA_D": (f"/{DROP_IN}:2", "ours")},
    ),
    "a script that exports": (
        {
            "etc/systemd/system/ollama.service.d/70.conf": "[Service]\nExecStart=\nExecStart=/usr/local/bin/start\n",
            "usr/local/bin/start": "#!/bin/sh\nexport HSA_A=script\n",
        },
        {"HSA_A": ("/usr/local/bin/start:2", "script")},
    ),
}


def grow(root: Path, files: dict[str, str]) -> Sysroot:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Sysroot(root)


@pytest.mark.parametrize("case", CASES)
def test_who_decides(tmp_path: Path, case: str) -> None:
    files, wanted = CASES[case]
    root = grow(tmp_path, {"etc/systemd/system/ollama.service": UNIT, **files})
    found = in_force(root, "ollama.service", (OURS, TEXT), None)
    assert {key: found[key] for key in wanted} == wanted
    conflicts = {c.key: c.found for c in stronger("ollama.service", dict.fromkeys(KEYS, "ours"), OURS, found)}
    assert conflicts == {k: v or "(nothing)" for k, (at, v) in found.items() if k in KEYS and str(OURS) not in at}
    grow(tmp_path, {DROP_IN: TEXT})
    assert in_force(root, "ollama.service", None, None) == found, "on the disk it is the same"


def test_an_instance_of_the_same_name_hides_it(tmp_path: Path) -> None:
    root = grow(
        tmp_path,
        {
            "etc/systemd/system/comfy@.service": "[Service]\nExecStart=/bin/true\n",
            "etc/systemd/system/comfy@b.service.d/60-rdna-installer.conf": "[Service]\nEnvironment=Z=1\n",
        },
    )
    ours = (PurePosixPath("/etc/systemd/system/comfy@.service.d/60-rdna-installer.conf"), TEXT)
    assert "HSA_A" in in_force(root, "comfy@a.service", ours, None)
    assert "HSA_A" not in in_force(root, "comfy@b.service", ours, None)


NAMES = {
    "ollama": "/etc/systemd/system/ollama.service.d",
    "ollama.service": "/etc/systemd/system/ollama.service.d",
    "alias": "/etc/systemd/system/ollama.service.d",
    "web": "/etc/containers/systemd/web.container.d",
    "comfy@b": "/etc/systemd/system/comfy@b.service.d",
    "comfy@": "/etc/systemd/system/comfy@.service.d",
    "vendor": "/etc/systemd/system/vendor.service.d",
    "linked": "/etc/systemd/system/linked.service.d",
    "comfy@one": "/etc/systemd/system/comfy@one.service.d",
    "nosuch": None,
    "nowhere": None,
    "round": None,
    "folder": None,
    "pipe": None,
    "gone": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_which_unit_is_meant(tmp_path: Path, name: str) -> None:
    units = {"ollama": UNIT, "comfy@": UNIT}
    root = grow(tmp_path, {f"etc/systemd/system/{unit}.service": text for unit, text in units.items()})
    grow(tmp_path, {"usr/lib/systemd/system/vendor.service": UNIT, "etc/systemd/system/gone.service.d/60.conf": TEXT})
    grow(tmp_path, {"etc/containers/systemd/web.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n"})
    grow(tmp_path, {"opt/app/real.service": UNIT})
    links = {
        "alias": "ollama.service",
        "comfy@one": "comfy@.service",
        "nowhere": "gone.service",
        "round": "round2.service",
    }
    for link, target in {**links, "round2": "round.service", "linked": "/opt/app/real.service"}.items():
        (tmp_path / f"etc/systemd/system/{link}.service").symlink_to(target)
    (tmp_path / "etc/systemd/system/folder.service").mkdir()
    os.mkfifo(tmp_path / "etc/systemd/system/pipe.service")
    found = find_unit(root, name, None)
    assert (str(found.folder) if found else None) == NAMES[name]


@pytest.mark.parametrize("name", ["empty", "nothing", "link-to-empty"])
def test_what_is_masked(tmp_path: Path, name: str) -> None:
    root = grow(tmp_path, {"etc/systemd/system/empty.service": "", "usr/lib/systemd/system/empty.service": UNIT})
    (tmp_path / "etc/systemd/system/nothing.service").symlink_to("/dev/null")
    (tmp_path / "etc/systemd/system/link-to-empty.service").symlink_to("empty.service")
    found = find_unit(root, name, None)
    assert found is not None and found.runs == "/dev/null"


@pytest.mark.parametrize("value", ["10.3.0", "it's", "a\\b", "$x", '"'])
def test_fish_reads_back_what_was_written(value: str) -> None:
    quoted = fish_word(value)
    assert quoted[0] == quoted[-1] == "'"
    assert quoted[1:-1].replace("\\'", "'").replace("\\\\", "\\") == value


def test_lines_that_systemd_takes_in_part(tmp_path: Path) -> None:
    root = grow(tmp_path, {"etc/systemd/system/odd@.service": odd_unit.TEXT})
    found = in_force(root, odd_unit.NAME, None, None)
    assert {key: value for key, (_, value) in found.items() if value is not None} == odd_unit.LEFT
    assert found["HSA_W"][1] is None, "taken away by the word before the open quote"


def test_an_open_quote_in_a_later_drop_in_takes_nothing_away(tmp_path: Path) -> None:
    later = {"etc/systemd/system/ollama.service.d/zz.conf": '[Service]\nEnvironment="HSA_C=theirs\n'}
    root = grow(tmp_path, {"etc/systemd/system/ollama.service": UNIT, **later})
    assert in_force(root, "ollama.service", (OURS, TEXT), None)["HSA_C"] == (f"/{DROP_IN}:2", "ours")


def test_two_percent_signs_are_one(tmp_path: Path) -> None:
    unit = "[Service]\nExecStart=/opt/%%h/run\nEnvironmentFile=/etc/%%i\nEnvironmentFile=-%E/%i\n"
    files = {"etc/%i": "HSA_A=1\n", "etc/b": "HSA_B=2\n", "etc/systemd/system/a@.service": unit}
    root = grow(tmp_path, files)
    found = in_force(root, "a@b.service", None, None)
    assert (found["HSA_A"], found["HSA_B"]) == (("/etc/%i:1", "1"), ("/etc/b:1", "2"))
    unit_found = find_unit(root, "a@b", None)
    assert unit_found is not None and unit_found.runs == "/opt/%h/run"


@pytest.mark.parametrize("kind", ["generator", "generator.early", "generator.late"])
def test_a_unit_that_only_a_generator_made(tmp_path: Path, kind: str) -> None:
    root = grow(
        tmp_path, {f"run/systemd/{kind}/made.service": "[Service]\nEnvironment=HSA_A=1\nExecStart=/etc/init.d/x\n"}
    )
    found = find_unit(root, "made", None)
    assert found is not None and str(found.folder) == "/etc/systemd/system/made.service.d"
    assert in_force(root, "made.service", None, None)["HSA_A"] == (f"/run/systemd/{kind}/made.service:2", "1")
    grow(tmp_path, {"etc/systemd/system/made.service": "[Service]\nEnvironment=HSA_A=2\nExecStart=/bin/true\n"})
    wins = kind if kind == "generator.early" else None
    where = in_force(root, "made.service", None, None)["HSA_A"][0]
    assert where == (f"/run/systemd/{wins}/made.service:2" if wins else "/etc/systemd/system/made.service:2")


@pytest.mark.parametrize("name", ["web", "web-service", "web@"])
def test_what_podman_makes_of_a_quadlet_is_that_quadlet(tmp_path: Path, name: str) -> None:
    root = grow(tmp_path, {
        f"etc/containers/systemd/{name}.container": "[Container]\nImage=x\nEnvironment=HSA_A=1\n",
        f"run/systemd/generator/{name}.service": "[Service]\nExecStart=/usr/bin/podman run --env HSA_A=1 x\n",
    })  # fmt: skip
    found = find_unit(root, name, None)
    assert found is not None and found.name == f"{name}.container"
    lines = [line[2] for line in decided(root, folders_of(None), (), "%h")]
    assert lines == [f"{name}.container"], "each line once"
