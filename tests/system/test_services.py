"""The layer ``services`` in booted Debians: at every step the process has what the product says of it.

A minute and a half for one release; ``RDNA_TEST_LONG=1 tests/run tests/system/test_services.py`` tries Debian 12 too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import booted
import debian_root
import odd_unit
import pytest
import reach_roots
from booted import Booted
from debian_machine import CHECKOUT, Machine

pytestmark = pytest.mark.system

PROGRAM = ("env", f"PYTHONPATH={CHECKOUT}/installer", "python3", "-m", "rdna_installer")
GIVEN = ("--gfx", "gfx1031")
KEY, WANTED = "HSA_OVERRIDE_GFX_VERSION", "10.3.0"
OURS = "/etc/systemd/system/ollama.service.d/60-rdna-installer.conf"
UNIT = "[Unit]\nStartLimitIntervalSec=0\n[Service]\n"
UNIT += "Type=exec\nExecStart=/usr/local/bin/ollama serve\nEnvironmentFile=-/etc/default/ollama\n"
APPLY = ("apply", "--yes", *GIVEN, "--layer", "services", "--service", "ollama")


class Service:
    """ollama, which brings kernels for gfx1030 and none for this card; the stand-in only waits."""

    def __init__(self, running: Booted) -> None:
        self.running = running

    def call(self, *words: str, code: int = 0) -> str:
        done = self.running.run(*PROGRAM, *words)
        said = done.stdout + done.stderr
        assert done.returncode == code and "Traceback" not in said, f"$ {words}\n{said}"
        return said

    def has(self, unit: str = "ollama", key: str = KEY) -> str | None:
        """What the running process was started with."""
        pid = self.running.state(unit, "MainPID")
        block = self.running.must("cat", f"/proc/{pid}/environ").split("\0")
        return next((word.partition("=")[2] for word in block if word.startswith(f"{key}=")), None)

    def verdict(self, name: str = "service:ollama.service") -> dict[str, Any] | None:
        """The line of verify, after which the process is looked at: what it says is so."""
        done = self.running.run(*PROGRAM, "verify", "--json", "--gfx", "gfx1031")
        assert done.returncode in (0, 4), done
        (found,) = [c for c in json.loads(done.stdout)["checks"] if c["id"] == name] or [None]
        return found

    def pending(self) -> list[str]:
        owners = json.loads(self.call("status", "--json"))["owners"]
        return [line for owner in owners for line in owner["restart_pending"]]

    def start(self) -> None:
        self.running.must("systemctl", "daemon-reload")
        self.running.must("systemctl", "restart", "ollama")

    def write(self, path: str, text: str) -> None:
        file = self.running.machine.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def there(self, path: str = OURS) -> bool:
        return self.running.machine.path(path).exists()


@pytest.fixture(scope="module", params=reach_roots.TRIED)
def up(request: pytest.FixtureRequest) -> Iterator[Booted]:
    if why := debian_root.missing() or booted.missing():
        pytest.skip(why)
    with debian_root.scratch_root(reach_roots.RELEASES[request.param]) as root:
        machine = Machine(root)
        kernels = machine.path("/usr/local/lib/ollama/rocm/rocblas/library")
        kernels.mkdir(parents=True)
        (kernels / "TensileLibrary_lazy_gfx1030.dat").touch()
        with booted.boot(machine, target="multi-user.target") as running:
            yield running


@pytest.fixture
def service(up: Booted) -> Iterator[Service]:
    found = Service(up)
    found.call("uninstall", "--yes", "--purge", "--overwrite")
    up.run("sh", "-c", "rm -rf /etc/systemd/system/ollama.service.d /etc/default/ollama")
    found.write("/usr/local/bin/ollama", "#!/bin/sh\nexec sleep 9999\n")
    up.machine.path("/usr/local/bin/ollama").chmod(0o755)
    found.write("/etc/systemd/system/ollama.service", UNIT)
    found.start()
    yield found


def test_apply_restart_upgrade_and_rollback(service: Service) -> None:
    said = service.call(*APPLY)
    assert "restart pending" in said and "sudo systemctl restart ollama.service" in said
    assert service.has() is None and service.running.state("ollama", "NeedDaemonReload") == "no"
    found = service.verdict()
    assert found is not None and (found["status"], found["running"]) == ("pending-restart", f"no {KEY}")
    assert len(service.pending()) == 1
    service.running.must("systemctl", "restart", "ollama")
    assert service.has() == WANTED and service.pending() == []
    found = service.verdict()
    assert found is not None and (found["status"], found["running"]) == ("ok", f"{KEY}={WANTED}")
    # An upgrade writes the unit anew, as ollama's install.sh does, and starts it again.
    service.write("/etc/systemd/system/ollama.service", UNIT + "Environment=NEW=1\n")
    service.start()
    assert (service.has(), service.has(key="NEW")) == (WANTED, "1") and service.there()
    said = service.call("rollback", "--yes")
    assert "restart pending" in said and not service.there() and not service.there(OURS.rpartition("/")[0])
    assert service.running.state("ollama", "NeedDaemonReload") == "no" and service.has() == WANTED
    found = service.verdict()
    assert found is not None and (found["status"], found["running"]) == ("pending-restart", f"{KEY}={WANTED}")
    service.running.must("systemctl", "restart", "ollama")
    assert service.has() is None and service.verdict() is None and service.pending() == []


def test_restart_by_consent(service: Service) -> None:
    assert "restart pending" not in service.call(*APPLY, "--restart", "ollama")
    assert service.has() == WANTED
    assert "restart pending" not in service.call("uninstall", "--yes", "--restart", "ollama.service")
    assert service.has() is None


def test_a_drop_in_that_was_purged_while_it_runs(service: Service) -> None:
    service.call(*APPLY, "--restart", "ollama")
    service.running.machine.path(OURS).unlink()
    found = service.verdict()
    assert found is not None and found["status"] == "pending-restart" and "daemon-reload" in found["hint"]
    assert service.has() == WANTED
    service.start()
    found = service.verdict()
    assert found is not None and (found["status"], service.has()) == ("mismatch", None)
    service.call(*APPLY, "--overwrite", "--restart", "ollama")
    assert service.has() == WANTED


def test_systemctl_revert_and_rollback_after_it(service: Service) -> None:
    service.call(*APPLY, "--restart", "ollama")
    service.running.must("systemctl", "revert", "ollama.service")
    assert not service.there(OURS.rpartition("/")[0])
    found = service.verdict()
    assert found is not None and found["status"] in ("mismatch", "pending-restart")
    service.call("rollback", "--yes", "--overwrite")
    assert not service.there() and "nothing to recover" in service.call("recover")


def test_the_program_is_removed_and_comes_back(service: Service) -> None:
    service.call(*APPLY, "--restart", "ollama")
    service.running.must("systemctl", "stop", "ollama")
    service.running.machine.path("/etc/systemd/system/ollama.service").unlink()
    service.running.must("systemctl", "daemon-reload")
    found = service.verdict()
    assert found is not None and found["status"] == "not-applicable" and "not-found" in found["hint"]
    assert "ollama" not in service.running.must("systemctl", "--failed", "--no-legend")
    service.write("/etc/systemd/system/ollama.service", UNIT)
    service.start()
    assert service.has() == WANTED


def test_what_wins_is_a_conflict_and_not_fought(service: Service) -> None:
    service.write("/etc/default/ollama", f"{KEY}=11.0.0\n")
    said = service.call(*APPLY, code=3)
    assert "/etc/default/ollama:1" in said and not service.there()
    assert "nothing is set for it" in service.call(*APPLY, "--unset", KEY)
    service.running.machine.path("/etc/default/ollama").unlink()
    service.call(*APPLY, "--restart", "ollama")
    service.write("/etc/systemd/system/ollama.service.d/override.conf", f"[Service]\nEnvironment={KEY}=11.0.0\n")
    service.start()
    assert service.has() == "11.0.0", "the user's own wins"
    found = service.verdict(f"service:ollama.service:{KEY}")
    assert found is not None and (found["status"], found["running"]) == ("mismatch", "11.0.0")


def test_the_way_back_without_the_program_names_the_reload(service: Service) -> None:
    service.call(*APPLY, "--restart", "ollama")
    done = service.running.run("sh", "/var/lib/rdna-installer/generations/1/restore.sh", "--no-images")
    assert done.returncode == 0 and "systemctl daemon-reload" in done.stderr and not service.there()
    assert service.verdict() is not None and service.has() == WANTED
    service.start()
    assert service.has() is None


def test_restart_of_what_is_not_there_changes_nothing(service: Service) -> None:
    assert "[no-such-restart]" in service.call(*APPLY, "--restart", "olama", code=2) and not service.there()


def test_instances_of_a_template(service: Service) -> None:
    """Each that runs is named, or started again; by its own name or all by the template's."""
    service.write("/etc/systemd/system/comfy@.service", UNIT)
    service.running.must("systemctl", "daemon-reload")
    service.running.must("systemctl", "start", "comfy@a", "comfy@b")
    given = ("--yes", *GIVEN, "--layer", "services", "--service", "comfy@")
    said = service.call("apply", *given, "--restart", "comfy@a")
    assert (service.has("comfy@a"), service.has("comfy@b")) == (WANTED, None)
    assert "systemctl restart comfy@b.service" in said and "comfy@a.service runs" not in said
    assert "restart pending" not in service.call("rollback", "--yes", "--restart", "comfy@")
    assert (service.has("comfy@a"), service.has("comfy@b")) == (None, None)
    service.running.must("systemctl", "stop", "comfy@*")


def test_a_kill_in_the_reload_is_finished_by_recover(service: Service) -> None:
    """systemctl hangs, the command is killed, the next one finishes it: never a file without its reload."""
    service.write(
        "/usr/local/sbin/systemctl", '#!/bin/sh\n[ "$1$2" != "--no-ask-passworddaemon-reload" ] || kill -9 $PPID\n'
    )
    service.running.machine.path("/usr/local/sbin/systemctl").chmod(0o755)
    try:
        done = service.running.run(*PROGRAM, *APPLY)
        assert done.returncode in (-9, 137, 247), done
    finally:
        service.running.machine.path("/usr/local/sbin/systemctl").unlink()
    assert service.there() and service.has() is None
    found = service.verdict()
    assert found is not None and found["status"] == "pending-restart" and "daemon-reload" in found["hint"]
    assert "finished: change 1" in service.call("recover")
    assert service.running.state("ollama", "NeedDaemonReload") == "no"
    service.running.must("systemctl", "restart", "ollama")
    assert service.has() == WANTED


def test_a_reload_that_fails_takes_all_back(service: Service) -> None:
    stand_in = service.running.machine.path("/usr/local/sbin/systemctl")
    script = '#!/bin/sh\n[ -e /tmp/failed ] && exec /usr/bin/systemctl "$@"\ntouch /tmp/failed\necho no >&2\nexit 1\n'
    service.write("/usr/local/sbin/systemctl", script)
    stand_in.chmod(0o755)
    try:
        said = service.call(*APPLY, code=1)
    finally:
        stand_in.unlink()
        service.running.run("rm", "-f", "/tmp/failed")
    assert "[reload-failed]" in said and not service.there() and not service.there(OURS.rpartition("/")[0])
    assert service.running.state("ollama", "NeedDaemonReload") == "no"
    assert "nothing to recover" in service.call("recover")


def test_odd_lines_as_systemd_itself_takes_them(service: Service) -> None:
    service.write("/etc/systemd/system/odd@.service", odd_unit.TEXT)
    service.running.must("systemctl", "daemon-reload")
    service.running.must("systemctl", "start", odd_unit.NAME)
    lines = [line.split("=", 1) for line in service.running.must("cat", odd_unit.SAID).splitlines()]
    assert {key: value for key, value in lines if key.startswith("HSA_")} == odd_unit.LEFT


def test_a_unit_that_only_a_generator_made(service: Service) -> None:
    """Of a script of System V's; our drop-in is among its files as among any other's."""
    script = "/etc/init.d/oldgpu"
    service.write(script, "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: oldgpu\n### END INIT INFO\nexit 0\n")
    service.running.machine.path(script).chmod(0o755)
    service.running.must("systemctl", "daemon-reload")
    assert service.running.state("oldgpu", "FragmentPath") == "/run/systemd/generator.late/oldgpu.service"
    service.call("apply", "--yes", *GIVEN, "--layer", "services", "--service", "oldgpu", "--set", "HSA_XNACK=0")
    assert "HSA_XNACK=0" in service.running.state("oldgpu", "Environment").split()
    service.call("rollback", "--yes")
    assert "HSA_XNACK" not in service.running.state("oldgpu", "Environment")
    service.running.machine.path(script).unlink()


@pytest.fixture
def sam(service: Service) -> Iterator[Service]:
    """Somebody with a service of his own, which his manager runs."""
    up = service.running
    up.run("useradd", "-m", "-s", "/bin/bash", "sam")
    up.must("loginctl", "enable-linger", "sam")
    unit = "[Service]\\nType=exec\\nExecStart=/usr/local/bin/ollama serve\\n"
    up.must(
        "su",
        "-",
        "sam",
        "-c",
        f"mkdir -p ~/.config/systemd/user && printf '{unit}' >~/.config/systemd/user/own.service",
    )
    user = ("systemctl", "--user", "--machine=sam@.host")
    up.must(*user, "daemon-reload")
    up.must(*user, "start", "own")
    yield service
    up.run(*user, "stop", "own")


def as_sam(service: Service, *words: str) -> str:
    command = " ".join((f"PYTHONPATH={CHECKOUT}/installer", "XDG_RUNTIME_DIR=/run/user/$(id -u)", *words))
    return service.running.must("su", "-", "sam", "-c", command)


def test_a_unit_of_a_user(sam: Service) -> None:
    program, given = "python3 -m rdna_installer", "--gfx gfx1031 --layer services --service own"
    show = ("systemctl --user show own -p Environment -p NeedDaemonReload --value",)
    as_sam(sam, program, "apply --yes --restart own", given)
    assert as_sam(sam, *show).split() == [f"{KEY}={WANTED}", "no"] or f"{KEY}={WANTED}" in as_sam(sam, *show)
    pid = as_sam(sam, "systemctl --user show own -p MainPID --value").strip()
    assert f"{KEY}={WANTED}" in sam.running.must("cat", f"/proc/{pid}/environ").split("\0")
    # A session hands values on; of those exactly ours goes with the rollback.
    as_sam(sam, f"systemctl --user set-environment {KEY}={WANTED} HSA_XNACK=1")
    as_sam(sam, program, "rollback --yes")
    left = as_sam(sam, "systemctl --user show-environment").splitlines()
    assert f"{KEY}={WANTED}" not in left and "HSA_XNACK=1" in left
    assert not sam.there("/home/sam/.config/systemd/user/own.service.d")
    assert KEY not in as_sam(sam, *show)
    as_sam(sam, "systemctl --user unset-environment HSA_XNACK")


def test_root_takes_back_a_users_part(sam: Service) -> None:
    as_sam(sam, "python3 -m rdna_installer apply --yes --gfx gfx1031 --layer services --service own")
    assert "[service-of-a-user]" not in sam.call("plan", *GIVEN, "--service", "own", code=2)
    sam.call("uninstall", "--yes", "--owner", "all")
    assert not sam.there("/home/sam/.config/systemd/user/own.service.d")
    assert KEY not in as_sam(sam, "systemctl --user show own -p Environment")


def test_an_old_podman_reads_no_drop_ins_of_quadlets(service: Service) -> None:
    service.write("/etc/containers/systemd/web.container", "[Container]\nImage=localhost/t:1\n")
    service.write("/usr/local/bin/podman", "#!/bin/sh\necho podman version 4.9.3\n")
    service.running.machine.path("/usr/local/bin/podman").chmod(0o755)
    try:
        said = service.call("apply", "--yes", *GIVEN, "--service", "web", "--set", "HSA_XNACK=0", code=3)
    finally:
        service.running.machine.path("/usr/local/bin/podman").unlink()
        service.running.machine.path("/etc/containers/systemd/web.container").unlink()
    assert "[quadlet-too-old]" in said and "env --for quadlet" in said
    assert not service.there("/etc/containers/systemd/web.container.d")


def test_a_quadlet_by_podmans_own_generator(service: Service) -> None:
    generator = "/usr/lib/systemd/system-generators/podman-system-generator"
    if not service.there(generator):
        pytest.skip("podman is not in this root (Debian 12 has 4.3, whose quadlets have no drop-ins)")
    service.write("/etc/containers/systemd/web.container", "[Container]\nImage=localhost/t:1\nNetwork=none\n")
    wish = ("--layer", "services", "--service", "web", "--set", "HSA_XNACK=0")
    service.call("apply", "--yes", *GIVEN, *wish)
    assert service.there("/etc/containers/systemd/web.container.d/60-rdna-installer.conf")
    made = service.running.must("cat", "/run/systemd/generator/web.service")
    assert "HSA_XNACK=0" in made, "after apply's own daemon-reload"
    service.call("rollback", "--yes")
    assert "HSA_XNACK" not in service.running.must("cat", "/run/systemd/generator/web.service")
    service.running.machine.path("/etc/containers/systemd/web.container").unlink()
