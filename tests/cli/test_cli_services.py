"""``--service``, ``--restart`` and ``env --for`` on the command line, with a root that is not the running system."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_sample import SAM, Cli

pytestmark = pytest.mark.processes

DROP_IN = "etc/systemd/system/ollama.service.d/60-rdna-installer.conf"
LAYER = ("--layer", "services", "--service", "ollama")
APPLY = ("apply", "--yes", *LAYER, "--set", "HSA_XNACK=0")
FOR = ("ollama", "systemd", "compose", "podman", "quadlet", "distrobox", "zsh", "fish")


@pytest.fixture
def machine(sample: Path) -> Path:
    units = sample / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    (units / "ollama.service").write_text("[Service]\nExecStart=/usr/local/bin/ollama serve\n")
    (units / "boxed.service").write_text("[Service]\nExecStart=/usr/bin/podman run x\n")
    (units / "off.service").symlink_to("/dev/null")
    return sample


def test_apply_status_verify_rollback(cli: Cli, machine: Path) -> None:
    where = ("--root", str(machine))
    assert cli(*APPLY, *where).code == 0
    text = (machine / DROP_IN).read_text()
    assert "[Service]\n" in text and 'Environment="HSA_XNACK=0"\n' in text
    (owner, *_) = json.loads(cli("status", "--json", *where).out)["owners"]
    (setting,) = owner["generation"]["settings"]
    assert (setting["layer"], setting["consumer"]) == ("services", "service:ollama.service")
    # Another apply leaves it alone; naming it without a wish takes it away.
    assert cli("apply", "--yes", "--set", "HSA_XNACK=0", "--layer", "env", *where).code == 0
    assert (machine / DROP_IN).exists()
    assert cli("apply", "--yes", *LAYER, *where).code == 0
    assert not (machine / DROP_IN).parent.exists()
    assert cli("rollback", "--yes", *where).code == 0 and (machine / DROP_IN).read_text() == text
    assert cli("uninstall", "--yes", "--purge", *where).code == 0 and not (machine / DROP_IN).parent.exists()


@pytest.mark.parametrize(
    ("layer", "first", "then"),
    [
        (("--layer", "env"), "HSA_XNACK=0", "HSA_XNACK=1"),
        (LAYER, "HSA_XNACK=0", "HSA_XNACK=1"),
        (("--layer", "kernel"), "vm_fragment_size=9", "vm_fragment_size=8"),
    ],
)
def test_what_we_have_set_before_is_not_in_the_way(
    cli: Cli, machine: Path, layer: tuple[str, ...], first: str, then: str
) -> None:
    """No file of ours is somebody else's: a value can be changed, and nobody is told to remove it there."""
    where = ("--root", str(machine))
    (machine / "etc/fish/conf.d").mkdir(parents=True)
    assert cli("apply", "--yes", *layer, "--set", first, *where).code == 0
    planned = cli("plan", *layer, "--set", then, *where)
    assert planned.code == 0 and "in the way" not in planned.out, planned.out
    assert cli("apply", "--yes", *layer, "--set", then, *where).code == 0
    name, value = then.split("=")
    (kept,) = [o for o in json.loads(cli("status", "--json", *where).out)["owners"] if o["generation"]]
    assert value in [s["value"] for s in kept["generation"]["settings"] if s["key"] == name]
    for command in (("plan", "--diff"), ("env",), ("advise",), ("adopt",)):
        said = cli(*command, *where)
        assert "rdna-installer.sh:" not in said.out + said.err and "rdna-installer.conf:" not in said.out + said.err


def test_a_name_that_begins_like_ours_is_not_ours(cli: Cli, machine: Path) -> None:
    """Where doctor names adopt, adopt finds it, and a value in the way of ours is seen before it is written."""
    where, theirs = ("--root", str(machine)), machine / "etc/modprobe.d/rdna-installer-mine.conf"
    theirs.write_text("options amdgpu noretry=0 vm_fragment_size=7\n")
    (machine / "etc/profile.d/rdna-installer-mine.sh").write_text("export HSA_OVERRIDE_GFX_VERSION=10.3.0\n")
    planned = cli("plan", "--layer", "kernel", "--set", "vm_fragment_size=9", *where)
    assert planned.code == 3 and "rdna-installer-mine.conf:1 (vm_fragment_size=7)" in planned.err, planned
    assert "rdna-installer adopt" in cli("doctor", *where).out
    assert cli("adopt", "--yes", *where).code == 0 and not theirs.exists()
    assert "adopt" not in cli("doctor", *where).out


def test_what_verify_advises_for_a_changed_file_mends_it(cli: Cli, machine: Path) -> None:
    """As it was, with what was asked for then: a bare apply refused, and would have planned anew."""
    where, env = ("--root", str(machine)), machine / "etc/profile.d/rdna-installer.sh"
    assert cli("apply", "--yes", "--layer", "env", "--set", "HSA_XNACK=1", *where).code == 0
    before = env.read_bytes()
    env.chmod(0o600)
    said = cli("verify", *where)
    assert said.code == 4 and " 0600 " in said.out, said.out  # not twice the same digest
    assert "/etc/profile.d/rdna-installer.sh: write" in " ".join(cli("doctor", *where).out.split())
    env.write_text("edited\n")
    checks = json.loads(cli("verify", "--json", *where).out)["checks"]
    (hint,) = [c["hint"] for c in checks if c["id"].endswith("rdna-installer.sh")]
    assert cli(*hint.partition(": sudo rdna-installer ")[2].split(), "--yes", *where).code == 0
    assert (env.read_bytes(), env.stat().st_mode & 0o777) == (before, 0o644)
    assert cli("verify", *where).code == 0


def test_what_was_written_again_is_what_its_words_plan(cli: Cli, machine: Path) -> None:
    """After a rollback, and after a file was put back: no change for the number in its head alone."""
    where, words = ("--root", str(machine)), ("--layer", "env", "--layer", "python", "--set")
    idle = ("plan", "--detailed-exitcode", *words)
    for value in "10":
        assert cli("apply", "--yes", *words, f"HSA_XNACK={value}", *where).code == 0
    assert cli("rollback", "--yes", *where).code == 0
    assert cli(*idle, "HSA_XNACK=1", *where).code == 0
    (machine / "etc/environment.d/60-rdna-installer.conf").unlink()
    assert cli("apply", "--yes", "--overwrite", *words, "HSA_XNACK=1", *where).code == 0
    assert cli(*idle, "HSA_XNACK=1", *where).code == 0 and cli(*idle, "HSA_XNACK=0", *where).code == 10


@pytest.mark.parametrize(("shipped", "needs"), [("gfx1030", True), ("gfx1031", False)])
def test_a_service_with_kernels_of_its_own_gets_what_they_need_and_is_told_why(
    cli: Cli, machine: Path, shipped: str, needs: bool
) -> None:
    program = machine / "usr/local/bin/ollama"
    kernels = machine / f"usr/local/lib/ollama/rocblas/library/TensileLibrary_lazy_{shipped}.dat"
    for path in (program, kernels):
        path.parent.mkdir(parents=True)
        path.touch(0o755)
    said = " ".join(cli("plan", *LAYER, "--gfx", "gfx1031", "--root", str(machine)).out.split())
    assert ("HSA_OVERRIDE_GFX_VERSION=10.3.0 It ships kernels of its own, none of them for this GPU." in said) is needs
    assert ("ollama.service needs no variable on this machine" in said) is not needs


def test_what_wins_is_seen_without_the_running_system(cli: Cli, machine: Path) -> None:
    where = ("--root", str(machine))
    assert cli(*APPLY, *where).code == 0
    (machine / DROP_IN).with_name("override.conf").write_text("[Service]\nEnvironment=HSA_XNACK=1\n")
    checks = json.loads(cli("verify", "--json", *where).out)["checks"]
    (found,) = [c for c in checks if c["id"].startswith("service:")]
    assert (found["status"], found["running"]) == ("mismatch", "1") and "override.conf:2" in found["source"]


def test_a_drop_in_that_somebody_made_is_not_touched(cli: Cli, machine: Path) -> None:
    (machine / DROP_IN).parent.mkdir()
    (machine / DROP_IN).write_text("# mine\n")
    assert "[drift]" in cli(*APPLY, "--root", str(machine)).err
    assert (machine / DROP_IN).read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("argv", "code", "reference"),
    [
        (("plan", "--layer", "services"), 2, "no-service-named"),
        (("plan", "--service", "nosuch"), 2, "no-such-service"),
        (("plan", "--service", "../../etc/x"), 2, "no-such-service"),
        (("plan", "--service", ""), 2, "usage"),
        (("plan", "--service", "off"), 3, "service-masked"),
        (("plan", "--service", "boxed"), 3, "container-service"),
        ((*APPLY, "--restart", "olama"), 2, "no-such-restart"),
        ((*APPLY, "--restart", ""), 2, "usage"),
        ((*APPLY, "--restart", "ollama.service", "--restart", "boxed"), 2, "no-such-restart"),
        (("apply", "--yes", "--set", "HSA_XNACK=0", "--restart", "ollama"), 2, "no-such-restart"),
        ((*APPLY, "--dry-run", "--restart", "olama"), 2, "no-such-restart"),
        (("env", "--layer", "services"), 2, "no-service-named"),
        (("env", "--for", "nothing"), 2, "usage"),
    ],
)
def test_bad_input(cli: Cli, machine: Path, argv: tuple[str, ...], code: int, reference: str) -> None:
    done = cli(*argv, "--root", str(machine))
    assert done.code == code and "Traceback" not in done.err
    assert f"[{reference}]" in done.err or reference == "usage"
    assert not (machine / DROP_IN).exists() and not (machine / "var/lib/rdna-installer").exists(), "nothing is changed"


def test_restart_names_what_a_change_is_about(cli: Cli, machine: Path) -> None:
    where = ("--root", str(machine))
    nothing = "nothing is started again where no systemd runs"
    done = cli(*APPLY, "--restart", "ollama", *where)
    assert done.code == 0 and f"--restart ollama: {nothing}" in done.err
    again = cli(*APPLY, "--restart", "ollama", *where)
    assert again.code == 0 and "does not change: it is not started again" in again.out + again.err
    for command in ("rollback", "uninstall"):
        done = cli(command, "--yes", "--restart", "olama", *where)
        assert (done.code, (machine / DROP_IN).exists()) == (2, True) and "ollama.service" in done.err
    done = cli("rollback", "--yes", "--json", "--restart", "ollama.service", *where)
    assert done.code == 0 and any(nothing in line for line in json.loads(done.out)["next"])
    assert not (machine / DROP_IN).exists()
    assert cli("uninstall", "--yes", "--restart", "ollama", *where).code == 0, "there is nothing to do"


@pytest.mark.parametrize("variables", [(), ("--set", "HSA_XNACK=0")])
@pytest.mark.parametrize("whom", FOR)
def test_env_for(cli: Cli, machine: Path, whom: str, variables: tuple[str, ...]) -> None:
    done = cli("env", "--for", whom, *variables, "--root", str(machine))
    assert done.code == 0 and "{{" not in done.out and "Check" in done.out
    assert ("HSA_XNACK" in done.out) == bool(variables)
    assert max(len(line) for line in done.out.splitlines() if line[0] == "#") <= 80, "it fits a screen"
    if whom in ("podman", "compose", "quadlet"):
        assert "/dev/kfd" in done.out and "/dev/dri" in done.out


SOLVERS = "MIOPEN_DEBUG_FIND_ONLY_SOLVER=ConvDirectNaiveConvFwd;ConvDirectNaiveConvBwd"  # what a shell would cut in two
TWO = ("--set", "HSA_XNACK=0", "--set", SOLVERS)


def heard(*argv: str, env: dict[str, str] | None = None, user: int | None = None) -> str:
    done = subprocess.run(
        argv, env=env, user=user, group=user, extra_groups=[] if user else None,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done
    return done.stdout


def test_zsh_reads_its_snippet(cli: Cli, machine: Path, tmp_path: Path) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed: what it reads was not tried")
    (tmp_path / ".zprofile").write_text(cli("env", "--for", "zsh", *TWO, "--root", str(machine)).out)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path), "HSA_XNACK": "1"}
    assert {"HSA_XNACK=0", SOLVERS} <= {*heard("zsh", "-lc", "env", env=env).splitlines()}
    assert "HSA_XNACK=1" in heard("zsh", "-c", "env", env=env).splitlines(), "no login, as the snippet says"


def test_distrobox_reads_its_snippet(cli: Cli, machine: Path, open_path: Path) -> None:
    if shutil.which("distrobox-create") is None or shutil.which("podman") is None:
        pytest.skip("distrobox or podman is not installed: what it makes of its snippet was not tried")
    text = cli("env", "--for", "distrobox", *TWO, "--root", str(machine)).out
    user = SAM if os.geteuid() == 0 else None
    os.chown(open_path, SAM if user else -1, -1)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(open_path), "USER": "sam", "SHELL": "/bin/sh"}
    said = heard("sh", "-c", text.replace("distrobox create", "distrobox-create --dry-run"), env=env, user=user)
    words = heard("sh", "-c", 'podman() { printf "%s\\n" "$@"; }\n' + said).splitlines()  # as it evaluates it
    assert {"HSA_XNACK=0", SOLVERS} <= {value for flag, value in itertools.pairwise(words) if flag == "--env"}
    assert ("--group-add", "keep-groups") in itertools.pairwise(words)


def test_compose_reads_its_snippet(cli: Cli, machine: Path, tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed: its snippet was not read by the real tool")
    text = cli("env", "--for", "compose", "--set", "HSA_XNACK=0", "--root", str(machine)).out
    text = 'version: "2.4"\n' + text.replace("  SERVICE:\n", "  one:\n    image: x\n")
    (tmp_path / "docker-compose.yml").write_text(text)
    done = subprocess.run(
        ["docker-compose", "config"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "HSA_XNACK: '0'" in done.stdout and "/dev/kfd" in done.stdout and "group_add" in done.stdout


def test_fish_reads_its_snippet_and_file(cli: Cli, machine: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed: what it reads was not tried")
    (machine / "etc/fish").mkdir()
    wish = ("--set", "HSA_XNACK=0", "--root", str(machine))
    snippet = cli("env", "--for", "fish", *wish).out
    assert cli("apply", "--yes", "--layer", "env", *wish).code == 0
    ours = (machine / "etc/fish/conf.d/rdna-installer.fish").read_text()
    for text in (snippet, ours):
        for given, wanted in ((None, "0"), ("", "0"), ("1", "1")):
            env = {"PATH": "/usr/bin:/bin", "HOME": str(machine)} | ({} if given is None else {"HSA_XNACK": given})
            done = subprocess.run(
                ["fish", "--no-config", "-c", f"{text}\nenv"],
                env=env, capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
            assert f"HSA_XNACK={wanted}" in done.stdout.splitlines(), (given, done)


def test_a_file_that_masks_fishs_is_a_conflict(cli: Cli, machine: Path) -> None:
    (machine / "etc/fish").mkdir()
    (machine / "home/sam").mkdir(parents=True, exist_ok=True)
    home = next(line.split(":")[5] for line in (machine / "etc/passwd").read_text().splitlines() if line)
    masking = machine / home.lstrip("/") / ".config/fish/conf.d/rdna-installer.fish"
    masking.parent.mkdir(parents=True)
    masking.write_text("# mine\n")
    done = cli("plan", "--layer", "env", "--set", "HSA_XNACK=0", "--root", str(machine))
    assert (done.code, "give it another" in done.err) == (3, True), done
