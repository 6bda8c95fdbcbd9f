"""Steps, commands, space, and the proof after a rebuild; with tools that do what the test says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.change import activation
from rdna_installer.change.activation import activate, plan_step, rebuilding, reload_steps, require_ready
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import Finished
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import (
    Change,
    ChangeKind,
    FileState,
    HostFacts,
    Initramfs,
    InitramfsTool,
    ModuleState,
    Step,
    StepKind,
    User,
    regular,
)

CONF = PurePosixPath("/etc/modprobe.d/rdna-installer.conf")
BYTES = b"options amdgpu noretry=1\n"
TOOLS = InitramfsTool


def facts(initramfs: Initramfs, inside: bool | None = None, running: str | None = "6.9") -> HostFacts:
    user = User(0, 0, "root", PurePosixPath("/root"), "/bin/sh", frozenset())
    amdgpu = ModuleState(True, False, inside, {})
    return HostFacts(
        gpus=(), hidden_nodes=0, unidentified=(), rocm=(), sites=(), running_kernel=running, kernels=(), cmdline="",
        modprobe=(), amdgpu=amdgpu, initramfs=initramfs, init="systemd", user=user,
        boot_id=None, ram_bytes=None, live=True,
    )  # fmt: skip


def owned(tool: InitramfsTool, copies: bool = True) -> Initramfs:
    images = {release: PurePosixPath(f"/boot/initrd.img-{release}") for release in ("6.10", "6.9", "6.1")}
    return Initramfs(tool, images, copies, "why")


def test_the_running_kernel_is_rebuilt_last() -> None:
    step, reason = plan_step(facts(owned(TOOLS.INITRAMFS_TOOLS)))
    assert step is not None and reason is None
    assert step.kernels == ("6.1", "6.10", "6.9")
    assert step.summary == "rebuild 3 initramfs images with initramfs-tools and check what is inside"


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        (facts(Initramfs(TOOLS.NONE)), "there is no initramfs image here: amdgpu reads modprobe.d itself"),
        (facts(owned(TOOLS.UNKNOWN)),
         "the tool that builds the initramfs images is not known: rebuild them if amdgpu is inside"),
        (facts(owned(TOOLS.DRACUT, False), inside=False),
         "no boot image is rebuilt: dracut does not put modprobe.d into it (why), and amdgpu is not in it"),
        (facts(owned(TOOLS.DRACUT, False), inside=True),
         "no boot image is rebuilt: dracut does not put modprobe.d into it (why); amdgpu is in it and would then load "
         'without our options: add install_items+=" /etc/modprobe.d/rdna-installer.conf " in /etc/dracut.conf.d/ '
         "and rebuild it"),
        (facts(owned(TOOLS.MKINITCPIO, False)),
         "no boot image is rebuilt: mkinitcpio does not put modprobe.d into it (why); amdgpu may be in it and would "
         "then load without our options: add the hook modconf in /etc/mkinitcpio.conf and rebuild it"),
    ],
)  # fmt: skip
def test_no_step_and_why(machine: HostFacts, reason: str) -> None:
    assert plan_step(machine) == (None, reason)


# --- a root with two kernels and a tool of the test's own ------------------------------------------------------------


def cpio(files: dict[str, bytes]) -> bytes:
    out = b""
    for name, data in [*files.items(), ("TRAILER!!!", b"")]:
        raw = name.encode() + b"\0"
        fields = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0]
        header = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        out += header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4)
    return out


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "boot").mkdir()
    (tmp_path / "dev").mkdir()
    for release in ("6.1", "6.9"):
        (tmp_path / f"boot/initrd.img-{release}").write_bytes(cpio({"init": b"old"}))
    monkeypatch.setattr(activation, "_require_devices", lambda root: None)  # mknod needs root
    return tmp_path


Tool = Callable[[list[str]], tuple[int, str]]


def install(monkeypatch: pytest.MonkeyPatch, tool: Tool) -> list[str]:
    calls: list[str] = []

    def run(argv: list[str], *, on_line: Callable[[str], None], **_: object) -> Finished:
        calls.append(" ".join(argv))
        code, said = tool(argv)
        for line in said.splitlines():
            on_line(line)
        return Finished(code, said.encode(), b"")

    monkeypatch.setattr(activation, "run", run)
    return calls


STEP = Step(StepKind.INITRAMFS, TOOLS.INITRAMFS_TOOLS, ("6.1", "6.9"), "")


def builder(machine: Path, files: dict[str, bytes]) -> Tool:
    def build(argv: list[str]) -> tuple[int, str]:
        (machine / f"boot/initrd.img-{argv[-1]}").write_bytes(cpio(files))
        return 0, f"Generating {argv[-1]}"

    return build


def test_every_image_is_built_and_proved(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = install(monkeypatch, builder(machine, {"init": b"new", str(CONF)[1:]: BYTES}))
    lines: list[str] = []
    activate(STEP, Sysroot(machine), {CONF: BYTES, PurePosixPath("/etc/profile.d/x.sh"): b"x"}, lines.append)
    assert calls == ["update-initramfs -u -k 6.1", "update-initramfs -u -k 6.9"]
    assert lines == [
        "[1/4] Rebuilding the boot image /boot/initrd.img-6.1",
        "Generating 6.1",
        "[2/4] Checking the boot image /boot/initrd.img-6.1",
        "[3/4] Rebuilding the boot image /boot/initrd.img-6.9",
        "Generating 6.9",
        "[4/4] Checking the boot image /boot/initrd.img-6.9",
    ]


@pytest.mark.parametrize("user", [None, 1000])
def test_a_drop_in_that_changed_is_told_to_its_manager_and_nothing_is_built(
    machine: Path, monkeypatch: pytest.MonkeyPatch, user: int | None
) -> None:
    told = list[object]()
    monkeypatch.setattr(activation, "runs", lambda root, manager: manager == user)
    monkeypatch.setattr(activation, "reread", lambda root, manager: told.append(manager))
    root = Sysroot(machine)
    who = User(user, user, "ann", PurePosixPath("/home/ann"), "/bin/sh", frozenset()) if user else None
    drop_in = regular(PurePosixPath("/etc/systemd/system/ollama.service.d/60-rdna-installer.conf"), b"[Service]\n")
    options, service = (
        Change(wanted.path, ChangeKind.CREATE, "", FileState(wanted.path), wanted)
        for wanted in (regular(CONF, BYTES), drop_in)
    )
    assert reload_steps([options], root, who) == ()
    (step,) = reload_steps([options, service], root, who)
    assert require_ready(step, root) == {}
    activate(step, root, {}, told.append)
    assert told == [user]


def test_a_proved_image_is_on_the_disk(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof reads what is in memory; after a power cut an image without a sync is empty."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    install(monkeypatch, lambda argv: (0, ""))
    step = Step(StepKind.INITRAMFS, TOOLS.MKINITCPIO, ("6.1",), "")
    activate(step, Sysroot(machine), {}, lambda _: None)
    assert synced == [str(machine / "boot/initrd.img-6.1"), str(machine / "boot")]


def test_a_long_build_shows_how_long(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(command: list[str], *, on_wait: Callable[[], None] | None = None, **_: object) -> Finished:
        if on_wait is not None:
            on_wait()
        return Finished(0, b"", b"")

    lines: list[str] = []
    monkeypatch.setattr(activation, "run", waits)
    activate(Step(StepKind.INITRAMFS, TOOLS.MKINITCPIO, ("6.1",), ""), Sysroot(machine), {}, lines.append)
    assert "\r0 s" in lines


def test_absence_is_proved_too(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, builder(machine, {"init": b"new"}))
    activate(STEP, Sysroot(machine), {CONF: None}, lambda _: None)


@pytest.mark.parametrize(
    ("files", "wanted", "message"),
    [
        ({}, BYTES, f"the rebuilt image does not have {CONF}"),
        ({str(CONF)[1:]: b"stale"}, BYTES, f"the rebuilt image contains an old copy of {CONF}"),
        ({str(CONF)[1:]: b"stale"}, None, f"the rebuilt image still has {CONF}"),
    ],
)
def test_a_tool_that_does_nothing_is_caught(
    machine: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], wanted: bytes | None, message: str
) -> None:
    calls = install(monkeypatch, builder(machine, {"init": b"x", **files}))
    with pytest.raises(RdnaError) as err:
        activate(STEP, Sysroot(machine), {CONF: wanted}, lambda _: None)
    assert (err.value.reference, err.value.exit_code) == ("initramfs-unproved", Exit.FAILED)
    assert err.value.message == message
    assert err.value.context == "/boot/initrd.img-6.1"
    assert err.value.hint == "read the last lines it said:\n  Generating 6.1"
    assert len(calls) == 1  # the running kernel's image was not touched


LATE = "did not finish in 30 minutes and was stopped"


@pytest.mark.parametrize(("code", "ending"), [(2, "ended with 2"), (124, LATE)])
def test_a_failing_tool_is_quoted(machine: Path, monkeypatch: pytest.MonkeyPatch, code: int, ending: str) -> None:
    said = "\n".join(f"line {n}" for n in range(40))
    install(monkeypatch, lambda _: (code, said))
    with pytest.raises(RdnaError) as err:
        activate(STEP, Sysroot(machine), {CONF: BYTES}, lambda _: None)
    assert (err.value.reference, err.value.exit_code) == ("initramfs-failed", Exit.FAILED)
    assert err.value.message == f"update-initramfs {ending}"
    assert err.value.context == "update-initramfs -u -k 6.1"
    assert (err.value.hint or "").splitlines()[1:] == [f"  line {n}" for n in range(25, 40)]


def test_a_full_boot_stops_before_anything_runs(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = install(monkeypatch, lambda _: (0, ""))
    monkeypatch.setattr(Sysroot, "free_bytes", lambda self, inside: 8 << 20)
    with pytest.raises(RdnaError) as err:
        activate(STEP, Sysroot(machine), {CONF: BYTES}, lambda _: None)
    assert (err.value.reference, calls) == ("boot-full", [])
    assert err.value.message == "rebuilding the initramfs needs 9 MiB beside the old one, /boot has 8 MiB free"


def test_an_image_that_is_gone(machine: Path) -> None:
    (machine / "boot/initrd.img-6.9").unlink()
    with pytest.raises(RdnaError, match=r"6\.9 has no initramfs image") as err:
        activate(STEP, Sysroot(machine), {CONF: BYTES}, lambda _: None)
    assert err.value.reference == "image-gone"


def test_a_root_without_devices(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    for release in STEP.kernels:
        (tmp_path / f"boot/initrd.img-{release}").touch()
    with pytest.raises(RdnaError) as err:
        activate(STEP, Sysroot(tmp_path), {CONF: BYTES}, lambda _: None)
    assert err.value.reference == "root-not-prepared"
    assert not (tmp_path / "dev").exists()


def test_commands(tmp_path: Path) -> None:
    root = Sysroot(tmp_path)
    image = PurePosixPath("/boot/initramfs-linux.img")
    assert rebuilding(InitramfsTool.DRACUT, root, "6.1", image) == ["dracut", "--force", "--kver", "6.1", str(image)]
    assert rebuilding(InitramfsTool.MKINITCPIO, root, "6.1", image) == ["mkinitcpio", "-k", "6.1", "-g", str(image)]
    for name, text in (("usr/lib/modules/6.1/pkgbase", "linux\n"), ("etc/mkinitcpio.d/linux.preset", "")):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    assert rebuilding(InitramfsTool.MKINITCPIO, root, "6.1", image) == ["mkinitcpio", "-p", "linux"]


def test_a_squashed_image_is_asked_of_lsinitrd(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, builder(machine, {"squashfs-root.img": b"hsqs"}))
    monkeypatch.setattr(activation, "find", lambda *_: "/usr/bin/lsinitrd")
    asked: list[list[str]] = []

    build = activation.run

    def lsinitrd(argv: list[str], **more: object) -> Finished:
        if argv[0] != "lsinitrd":
            return build(argv, **more)  # type: ignore[arg-type]
        asked.append(argv)
        return Finished(0, BYTES, b"")

    monkeypatch.setattr(activation, "run", lsinitrd)
    activate(STEP, Sysroot(machine), {CONF: BYTES}, lambda _: None)
    assert asked[0] == ["lsinitrd", "-f", f"squashfs-root{CONF}", "/boot/initrd.img-6.1"]
