"""Programs that do not run now: whether each could open the GPU is tried with its rights, and what helps is said."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from check_samples import facts, put, site

from rdna_installer.detect.running import Process, Running
from rdna_installer.detect.users import user_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, PythonSite, Status
from rdna_installer.workflow import idle

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can have the rights of others"),
]

SAM, DAN, RENDER = 12345, 12346, 12399
PASSWD = f"root:x:0:0::/root:/bin/sh\nsam:x:{SAM}:{SAM}::/home/sam:/bin/sh\ndan:x:{DAN}:{DAN}::/home/dan:/bin/sh\n"
PYTHON = "/home/sam/venv/bin/python"
IMAGE = "docker.io/ollama/ollama:rocm"
RUN = "/usr/bin/podman run --name x --rm -d"


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine with sam, who is in the group render, and dan, who is not."""
    top = Path(tempfile.mkdtemp(prefix="rdna-test-"))
    top.chmod(0o755)
    put(top, "/etc/passwd", PASSWD)
    put(top, "/etc/group", f"root:x:0:\nrender:x:{RENDER}:sam\nsam:x:{SAM}:\ndan:x:{DAN}:\n")
    for node in ("kfd", "dri/renderD128"):
        put(top, f"/dev/{node}", "", 0o660)
        os.chown(top / f"dev/{node}", 0, RENDER)
    put(top, "/usr/local/bin/ollama", "x", 0o755)
    put(top, "/usr/local/lib/ollama/rocblas/library/TensileLibrary_lazy_gfx1030.dat", "x")
    # The machine that runs this knows neither of them.
    groups = {SAM: (SAM, RENDER), DAN: (DAN,)}
    real = idle.rights_of
    monkeypatch.setattr(idle, "rights_of", lambda user: replace(real(user), groups=groups.get(user.uid, (user.gid,))))
    yield top
    shutil.rmtree(top)


def venv(uid: int) -> PythonSite:
    prefix = PurePosixPath(PYTHON).parents[1]
    return replace(site(), python=PurePosixPath(PYTHON), prefix=prefix, owner=uid, group=uid)


def look(
    root: Path, monkeypatch: pytest.MonkeyPatch, unit: dict[str, str], manager: Process | None = None, asks: int = SAM
) -> dict[str, Check]:
    """What is said with this unit, which systemd has read and not started; ``manager``: it is one of a user's."""
    shown = "\n".join(f"{key}={value}" for key, value in {"Id": "x.service", "ActiveState": "inactive", **unit}.items())
    whose = manager.uid if manager else None

    def control(uid: int | None, *words: str) -> str:
        listed = "x.service enabled\ntemplate@.service static\n"
        asked = shown if words[-1] == "x.service" else ""  # of a template, nothing is known
        return (listed if words[0] == "list-unit-files" else asked) if uid == whose else ""

    monkeypatch.setattr(idle, "control", control)
    host = facts(sites=(venv(SAM),), user=user_of(Sysroot(root), asks))
    running = Running((), (manager,) if manager else (), 0)
    return {check.id: check for check in idle.check_idle(Sysroot(root), host, running)}


def starts(argv: str) -> dict[str, str]:
    return {"ExecStart": f"{{ path=/x ; argv[]={argv} ; ignore_errors=no ; start_time=[n/a] }}"}


def manager(*groups: int) -> Process:
    return Process(7, 1, SAM, SAM, groups, "systemd", 0.0, (), "/user.slice/user@12345.service/init.scope")


OPEN, EDIT = "", "below [Service] write {}: sudo systemctl edit x.service"
SERVICES = [
    (f"{PYTHON} main.py", {"User": "sam"}, None, OPEN),
    (f"{PYTHON} main.py", {"User": "dan"}, None, EDIT.format("SupplementaryGroups=render")),
    (f"{PYTHON} main.py", {"User": "dan", "SupplementaryGroups": "render"}, None, OPEN),
    (f"{PYTHON} main.py", {}, None, OPEN),
    (f"{PYTHON} main.py", {"User": "sam", "PrivateDevices": "yes"}, None, EDIT.format("PrivateDevices=no")),
    (
        "/usr/local/bin/ollama serve",
        {"User": "gone", "DynamicUser": "yes"},
        None,
        EDIT.format("SupplementaryGroups=render"),
    ),
    ("/usr/local/bin/ollama serve", {"DynamicUser": "yes", "SupplementaryGroups": "render"}, None, OPEN),
    ("/usr/local/bin/ollama serve", {}, manager(SAM, RENDER), OPEN),
    ("/usr/local/bin/ollama serve", {}, manager(SAM), "sudo loginctl terminate-user sam"),
    (f"{RUN} --device=/dev/kfd --device /dev/dri {IMAGE}", {}, None, OPEN),
    (f"{RUN} --device=/dev/kfd --device /dev/dri {IMAGE}", {}, manager(SAM, RENDER), "keep-groups"),
    (f"{RUN} --group-add keep-groups --device /dev/kfd --device /dev/dri x", {}, manager(SAM, RENDER), OPEN),
    (f"{RUN} --device amd.com/gpu=all {IMAGE} --device-cgroup-rule /dev/kfd", {}, None, OPEN),
    (f"{RUN} --privileged -v /dev/kfd:/dev/kfd x", {}, None, OPEN),
    (f"{RUN} --group-add keep-groups --device /dev/kfd x", {}, manager(SAM, RENDER), "--device /dev/kfd --device"),
]


@pytest.mark.parametrize(("argv", "more", "whose", "helps"), SERVICES)
def test_a_service_that_does_not_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, argv: str, more: dict[str, str], whose: Process | None, helps: str
) -> None:
    check = look(root, monkeypatch, starts(argv) | more, whose)["idle:x.service"]
    assert check.status is (Status.FAILED if helps else Status.OK), check
    assert helps in (check.hint or "")


@pytest.mark.parametrize(
    "unit",
    [
        starts("/usr/bin/sleep 5"),
        starts("/usr/bin/python3 /usr/bin/fail2ban-server"),
        starts(f"{RUN} nginx"),
        starts("/srv/ollama serve"),
        starts(f"{PYTHON} main.py") | {"ActiveState": "active"},
        {},
    ],
)
def test_what_is_none_of_them(root: Path, monkeypatch: pytest.MonkeyPatch, unit: dict[str, str]) -> None:
    assert "idle:x.service" not in look(root, monkeypatch, unit)


def test_an_image_that_has_kernels_and_gets_no_device(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = "/var/lib/containers/storage"
    put(root, f"{store}/overlay-images/images.json", f'[{{"id": "i", "names": ["{IMAGE}"], "layer": "l"}}]')
    put(root, f"{store}/overlay/l/diff/usr/lib/ollama/rocm/rocblas/library/TensileLibrary_lazy_gfx1030.dat", "x")
    found = look(root, monkeypatch, starts(f"{RUN} {IMAGE}") | {"SourcePath": "/etc/containers/systemd/o.container"})
    check = found["idle:x.service"]
    assert (check.status, check.source) == (Status.FAILED, "/etc/containers/systemd/o.container")
    assert "--device /dev/kfd" in (check.hint or "")


@pytest.mark.parametrize(("asks", "lines"), [(SAM, {}), (DAN, {"sam": Status.OK})])
def test_people_whose_programs_are_here(
    root: Path, monkeypatch: pytest.MonkeyPatch, asks: int, lines: dict[str, Status]
) -> None:
    """Jupyter's kernels run as who opened the server, a hub's as well."""
    found = look(root, monkeypatch, {}, asks=asks)
    assert {name: found[f"idle:{name}'s own programs and Jupyter kernels"].status for name in lines} == lines
    assert len(found) == len(lines)


@pytest.mark.parametrize(
    ("place", "text", "status"),
    [
        ("", "", Status.FAILED),
        ("/var/lib/flatpak/overrides/org.blender.Blender", "[Context]\ndevices=all;\n", Status.OK),
        ("/home/sam/.local/share/flatpak/overrides/global", "[Context]\ndevices=dri;all;\n", Status.OK),
        ("/home/dan/.local/share/flatpak/overrides/global", "[Context]\ndevices=all;\n", Status.FAILED),
        ("/var/lib/flatpak/overrides/org.other.App", "[Context]\ndevices=all;\n", Status.FAILED),
        ("/var/lib/flatpak/overrides/global", "[Context]\n#devices=all;\ndevices=dri;\n", Status.FAILED),
    ],
)
def test_a_flatpak(root: Path, monkeypatch: pytest.MonkeyPatch, place: str, text: str, status: Status) -> None:
    app = "/var/lib/flatpak/app/org.blender.Blender/current/active"
    put(root, f"{app}/metadata", "[Application]\nname=org.blender.Blender\n[Context]\ndevices=dri;\n")
    put(root, f"{app}/files/blender/blender", "x", 0o755)
    if place:
        put(root, place, text)
    check = look(root, monkeypatch, {})["idle:org.blender.Blender"]
    assert check.status is status
    assert ("flatpak override --user --device=all org.blender.Blender" in str(check.hint)) == (status is Status.FAILED)
