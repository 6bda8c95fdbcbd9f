"""detect, plan, apply, verify, status, rollback and uninstall through the command line, on a scratch root."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli
from trial_sample import dies

from rdna_installer.change.store import Store
from rdna_installer.machine import durable
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import planning

pytestmark = pytest.mark.processes  # modinfo

LAYERED = ("--profile", "layered")


def tree(root: Path) -> dict[str, tuple[str, int, str]]:
    """Kind and mode and content of everything but our own state."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if name.startswith("var/lib/rdna-installer"):
            continue
        content = str(path.readlink()) if path.is_symlink() else ""
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[name] = (content, path.lstat().st_mode, f"{path.lstat().st_uid}:{path.lstat().st_gid}")
    return found


def parsed(text: str) -> dict[str, Any]:
    data = json.loads(text)
    assert data["schema"] == 1
    return data  # type: ignore[no-any-return]


def test_the_main_job(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    before = tree(sample)

    gpu = parsed(cli("detect", "--json", *root).out)["gpus"][0]
    assert (gpu["gfx"], gpu["kfd_node"], gpu["source"], gpu["pci"]) == ("gfx1010", 1, "kfd", "0000:03:00.0")

    plan = parsed(cli("plan", "--json", *LAYERED, *root).out)
    assert [c["kind"] for c in plan["changes"]] == ["create"] * len(plan["changes"])
    assert plan["reboot_needed"] and not plan["conflicts"]
    assert tree(sample) == before, "plan changes nothing"
    assert cli("plan", "--detailed-exitcode", *LAYERED, *root).code == 10

    done = cli("apply", "--yes", *LAYERED, *root)
    assert done.code == 0 and "change 1" in done.err
    conf = (sample / "etc/modprobe.d/rdna-installer.conf").read_text()
    assert "options amdgpu noretry=1 vm_fragment_size=9 vm_update_mode=0\n" in conf
    assert cli("plan", "--detailed-exitcode", *LAYERED, *root).code == 0, "a second plan is empty"
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    assert [g["number"] for g in parsed(cli("history", "--json", *root).out)["owners"][0]["generations"]] == [0, 1]

    status = parsed(cli("status", "--json", *root).out)["owners"][0]
    assert status["generation"]["profile"] == "layered" and status["drift"] == []

    back = cli("rollback", "--yes", *root)
    assert back.code == 0 and "change 2" in back.err
    assert tree(sample) == before


def test_uninstall_and_purge_leave_nothing(cli: Cli, sample: Path) -> None:
    before = tree(sample)
    assert cli("apply", "--yes", *LAYERED, "--root", str(sample)).code == 0
    done = cli("uninstall", "--purge", "--yes", "--root", str(sample))
    assert done.code == 0 and "forgot the history of system; rollback is no longer possible\n" in done.err, done
    assert tree(sample) == before
    assert not (sample / "var/lib/rdna-installer").exists()


def test_a_purge_that_was_broken_off_is_ended(cli: Cli, sample: Path) -> None:
    before = tree(sample)
    assert cli("apply", "--yes", *LAYERED, "--root", str(sample)).code == 0
    assert cli("uninstall", "--yes", "--root", str(sample)).code == 0
    (sample / "var/lib/rdna-installer/purging").touch()
    done = cli("recover", "--root", str(sample))
    assert (done.code, done.out) == (0, "finished: uninstall --purge of system\n"), done
    assert tree(sample) == before


@pytest.mark.parametrize(
    ("layers", "said"), [(("kernel", "env"), "next: reboot:"), (("env",), "next: log in again:"), (("python",), "")]
)
def test_uninstall_says_what_is_in_force_till_when(cli: Cli, sample: Path, layers: tuple[str, ...], said: str) -> None:
    only = [word for layer in layers for word in ("--layer", layer)]
    assert cli("apply", "--yes", *LAYERED, *only, "--root", str(sample)).code == 0
    done = cli("uninstall", "--yes", "--root", str(sample))
    lines = [line for line in done.err.splitlines() if line.startswith("next:")]
    assert done.code == 0 and len(lines) == bool(said) and all(line.startswith(said) for line in lines)


def test_layers_one_at_a_time(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli("apply", "--yes", *LAYERED, "--layer", "kernel", *root).code == 0
    assert cli("apply", "--yes", *LAYERED, "--layer", "env", *root).code == 0
    status = parsed(cli("status", "--json", *root).out)["owners"][0]["generation"]
    assert {s["layer"] for s in status["settings"]} == {"kernel", "env"}
    assert len(status["files"]) == 3
    assert cli("rollback", "--yes", *root).code == 0
    status = parsed(cli("status", "--json", *root).out)["owners"][0]["generation"]
    assert {s["layer"] for s in status["settings"]} == {"kernel"}
    assert [f["path"] for f in status["files"]] == ["/etc/modprobe.d/rdna-installer.conf"]


def test_another_profile_takes_its_own_away(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    plan = parsed(cli("plan", "--json", *root).out)
    removed = {c["path"] for c in plan["changes"] if c["kind"] == "remove"}
    assert "/etc/modprobe.d/rdna-installer.conf" in removed
    assert cli("apply", "--yes", *root).code == 0
    assert not (sample / "etc/modprobe.d/rdna-installer.conf").exists()


@pytest.mark.parametrize("answer", ["--keep", "--overwrite"])
def test_drift_is_refused_until_told(cli: Cli, sample: Path, answer: str) -> None:
    root = ("--root", str(sample))
    conf = sample / "etc/modprobe.d/rdna-installer.conf"
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    conf.write_text("# mine now\n")
    for command in (("rollback",), ("uninstall",), ("apply", "--unset", "noretry", *LAYERED)):
        refused = cli(*command, "--yes", *root)
        assert refused.code == 3 and "[drift]" in refused.err and str(conf.relative_to(sample)) in refused.err
    assert parsed(cli("status", "--json", *root).out)["owners"][0]["drift"][0]["kind"] == "edited"
    assert cli("rollback", "--yes", answer, *root).code == 0
    assert conf.exists() == (answer == "--keep")
    if answer == "--overwrite":
        kept = sample / "var/lib/rdna-installer/generations/2"
        assert b"# mine now\n" in [p.read_bytes() for p in kept.rglob("*") if p.is_file()]


@pytest.mark.parametrize("answer", [(), ("--keep",), ("--overwrite",)])
@pytest.mark.parametrize("still_at_it", [False, True])
def test_what_another_run_of_ours_writes_meanwhile_is_nobody_elses(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch, answer: tuple[str, ...], still_at_it: bool
) -> None:
    """Between the look at the history and that at the files another apply has ended, or is at its files."""
    root = ("--root", str(sample))
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    first = sample.with_name("first")
    shutil.copytree(sample, first, symlinks=True)
    assert cli("apply", "--yes", *LAYERED, "--set", "MIOPEN_FIND_MODE=FAST", *root).code == 0
    second, state, real = sample.rename(sample.with_name("second")), "var/lib/rdna-installer", planning.read_all
    shutil.copytree(first, sample, symlinks=True)

    def meanwhile(*asked: Any) -> Any:
        for name in ("etc", "home", *(() if still_at_it else (state,))):
            shutil.rmtree(sample / name, ignore_errors=True)
            shutil.copytree(second / name, sample / name, symlinks=True)
        if still_at_it:
            (sample / state / "tx").mkdir()
        return real(*asked)

    monkeypatch.setattr(planning, "read_all", meanwhile)
    refused = cli("apply", "--yes", "--unset", "noretry", *LAYERED, *answer, *root)
    assert refused.code == 3 and "[changed-meanwhile]" in refused.err, refused.err
    monkeypatch.undo()
    if not still_at_it:
        assert cli("apply", "--yes", "--unset", "noretry", *LAYERED, *root).code == 0


@pytest.mark.parametrize("command", ["status", "verify"])
def test_nor_does_who_looks_take_it_for_drift(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """It read the history before another run's change, and the files after it."""
    root, real = ("--root", str(sample)), Store.current
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    looks = iter((Store.open(Sysroot(sample)).current(),))
    assert cli("apply", "--yes", *LAYERED, "--set", "MIOPEN_FIND_MODE=FAST", *root).code == 0
    monkeypatch.setattr(Store, "current", lambda store: next(looks, None) or real(store))
    done = cli(command, "--json", *root)
    said = parsed(done.out)
    assert (done.code, next(looks, None)) == (0, None), done.out
    assert said["generation"] == 2 if command == "verify" else said["owners"][0]["drift"] == []


def test_a_change_that_was_broken_off_is_said_first(cli: Cli, sample: Path) -> None:
    """Its files are no other program's; ``recover`` puts them back, and then nobody speaks of it any more."""
    root, conf, move = ("--root", str(sample)), sample / "etc/modprobe.d/rdna-installer.conf", durable.move
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    wanted = conf.read_bytes()

    def killed_at_the_file() -> None:
        def moved(folder: Any, old: str, new: str, into: Any = None) -> None:
            move(folder, old, new, into)
            if new == conf.name:
                os._exit(9)

        durable.move = moved
        cli("apply", "--yes", *LAYERED, "--unset", "noretry", *root)

    assert dies(killed_at_the_file) and conf.read_bytes() != wanted
    assert cli("--version", *root)  # and what the dead one had printed
    verify = parsed(cli("verify", "--json", *root).out)
    rows = {check["id"]: (check["status"], check["running"]) for check in verify["checks"]}
    assert next(iter(rows)) == "state" and rows["state"] == ("failed", "unfinished")
    assert rows["file:/etc/modprobe.d/rdna-installer.conf"][0] == "unknown"
    said = [cli(*words, *root) for words in (("verify",), ("status",), ("recover", "--check"), ("doctor",))]
    assert all("runs now, or was broken off" in " ".join(done.out.split()) for done in said), said
    assert [done.code for done in said] == [4, 0, 4, 4]
    assert cli("recover", *root).code == 0
    assert cli("recover", "--check", *root).code == 0 and "broken off" not in cli("status", *root).out


def test_so_is_the_first_change(cli: Cli, sample: Path) -> None:
    """Before it there is no change that could have been checked."""
    root, move = ("--root", str(sample)), durable.move

    def killed() -> None:
        def moved(folder: Any, old: str, new: str, into: Any = None) -> None:
            move(folder, old, new, into)
            if new == "rdna-installer.conf":
                os._exit(9)

        durable.move = moved
        cli("apply", "--yes", *LAYERED, *root)

    assert dies(killed)
    cli("--version", *root)  # and what the dead one had printed
    said = [cli(*words, *root) for words in (("verify",), ("status",), ("recover", "--check"), ("doctor",), ("plan",))]
    assert all("runs now, or was broken off" in " ".join(done.out.split()) for done in said), said
    assert [done.code for done in said] == [4, 0, 4, 4, 0]
    assert all(
        "\n    sudo rdna-installer recover\n" in done.out.replace("      sudo", "    sudo") for done in said[1:3]
    )
    assert "apply ends that first" in said[-1].out


def test_env_prints_what_the_plan_sets(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli("env", *root).out.splitlines() == [
        "export AMDGCN_USE_BUFFER_OPS='0'",
        "export TORCH_DISABLE_NATIVE_JIT='1'",
    ]
    assert cli("env", "--format", "systemd", *root).out.startswith('Environment="AMDGCN_USE_BUFFER_OPS=0"\n')
    assert cli("env", "--format", "docker", *root).out.startswith("--env 'AMDGCN_USE_BUFFER_OPS=0'\n")


def test_status_says_where_an_installed_kernel_no_longer_takes_our_options(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert parsed(cli("status", "--json", *root).out)["kernels"] == []
    assert cli("apply", "--yes", *LAYERED, *root).code == 0
    (against,) = parsed(cli("status", "--json", *root).out)["kernels"]
    assert "the newest installed kernel" in against
    (module,) = sample.rglob("amdgpu.ko*")
    module.unlink()
    said = parsed(cli("status", "--json", *root).out)["kernels"]
    assert any(line.startswith("noretry=1: ") for line in said) and "kernels:" in cli("status", *root).out
