"""The judgement of variables others have set: in start-up files and in the caller's session."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from check_samples import NAVI22, asker, env, facts, generation, python, site

from rdna_installer.check.others import check_session, check_userenv
from rdna_installer.check.wanted import InForce, judge, wanted_of
from rdna_installer.detect.dotfiles import Assignment, FoundAssignment, Scan
from rdna_installer.model import Check, Generation, HostFacts, Status, TorchOrigin

KEY = "HSA_OVERRIDE_GFX_VERSION"
NATIVE = facts(sites=(site(("gfx1010", "gfx1030")),))
STOCK = facts(gpus=(NAVI22,), sites=(site(("gfx1030",)),))


@pytest.mark.parametrize(
    ("key", "value", "settings", "host", "status", "hint"),
    [
        (KEY, "", (), facts(), Status.FAILED, "an empty value: HSA finds no GPU"),
        (f"{KEY}_1", "", (), facts(), Status.FAILED, "an empty value: HSA finds no GPU"),
        (KEY, "10.3", (), facts(), Status.FAILED, "not MAJOR.MINOR.STEP"),
        (KEY, "gfx1030", (), facts(), Status.FAILED, "not MAJOR.MINOR.STEP"),
        (KEY, "10.3.0\n", (), facts(), Status.FAILED, "not MAJOR.MINOR.STEP"),
        (KEY, "10.3.100", (), facts(), Status.FAILED, "no version a GPU can have"),
        (KEY, "10.3.0", (), facts(), Status.MISMATCH, "RDNA 1 is not RDNA 2"),
        (KEY, "10.3.0", (), NATIVE, Status.MISMATCH, "already has code for gfx1010"),
        (KEY, "10.1.0", (), NATIVE, Status.OK, "superfluous"),
        (KEY, "10.3.0", (), STOCK, Status.OK, ""),
        (f"{KEY}_1", "10.3.0", (), STOCK, Status.OK, ""),
        (f"{KEY}_0", "10.3.0", (), facts(gpus=(NAVI22,)), Status.MISMATCH, "KFD node 0 is no GPU"),
        (KEY, "10.3.0", (python(KEY, "10.3.0"),), STOCK, Status.OK, ""),
        (KEY, "11.0.0", (python(KEY, "10.3.0"),), STOCK, Status.MISMATCH, "another family"),
        (KEY, "11.0.0", (env(KEY, "10.3.0"),), STOCK, Status.MISMATCH, "another family"),
        (KEY, "10.3.0", (env(KEY, "10.3.0"),), NATIVE, Status.OK, ""),
        (KEY, "", (env(KEY, "10.3.0"),), STOCK, Status.FAILED, "empty"),
        (KEY, "$X", (), facts(), Status.UNKNOWN, "computes"),
        (KEY, f"${{{KEY}:-10.3.0}}", (env(KEY, "10.3.0"),), STOCK, Status.OK, ""),
        (KEY, "${OTHER:-10.3.0}", (), STOCK, Status.UNKNOWN, "computes"),
        ("HSA_ENABLE_SDMA", "0", (), facts(), Status.OK, ""),
        ("HSA_ENABLE_SDMA", "0", (env("HSA_ENABLE_SDMA", "1"),), facts(), Status.MISMATCH, "overrides"),
        ("HSA_ENABLE_SDMA", "$X", (), facts(), Status.OK, ""),
        ("LD_LIBRARY_PATH", "/opt/rocm/lib:$LD_LIBRARY_PATH", (), facts(), Status.OK, "mix libraries"),
    ],
)  # fmt: skip
def test_judgement(
    key: str, value: str, settings: tuple[object, ...], host: HostFacts, status: Status, hint: str
) -> None:
    made = generation(*settings)  # type: ignore[arg-type]
    verdict = judge(key, value, wanted_of(made), asker(host, made))
    assert (verdict.status, hint in str(verdict.hint)) == (status, True)


def found(key: str, value: str | None, line: int = 12, shown: str = "~/.bashrc") -> FoundAssignment:
    return FoundAssignment(PurePosixPath("/home/ann/.bashrc"), shown, Assignment(line, key, value))


class TestStartupFiles:
    def look(
        self, *lines: FoundAssignment, wanted: InForce | None = None, unreadable: tuple[str, ...] = ()
    ) -> list[Check]:
        return list(check_userenv(Scan(lines, unreadable), wanted or InForce(), asker(facts())))

    def test_line(self) -> None:
        [check] = self.look(found(KEY, "11.0.0"), wanted=wanted_of(generation(env(KEY, "10.3.0"))))
        assert check == Check(
            "user-env:~/.bashrc:12", Status.MISMATCH, f"{KEY}=10.3.0", f"{KEY}=11.0.0", "~/.bashrc:12",
            "remove it: it reports gfx1010 as gfx1100, of another family: such code crashes or resets the GPU "
            "[https://github.com/ROCm/legacy-rocm-build/issues/2527]",
        )  # fmt: skip

    def test_ids_stay_unique(self) -> None:
        checks = self.look(found("HSA_A", "1"), found("HSA_B", "1"), found("HSA_B", "2"), found("HSA_C", "1", 13))
        assert [c.id for c in checks] == [
            "user-env:~/.bashrc:12",
            "user-env:~/.bashrc:12:HSA_B",
            "user-env:~/.bashrc:13",
        ]

    @pytest.mark.parametrize(("settings", "statuses"), [((env(KEY, "10.3.0"),), [Status.MISMATCH]), ((), [])])
    def test_unset(self, settings: tuple[object, ...], statuses: list[Status]) -> None:
        checks = self.look(found(KEY, None), wanted=wanted_of(generation(*settings)))  # type: ignore[arg-type]
        assert [c.status for c in checks] == statuses

    def test_unreadable_is_unknown(self) -> None:
        assert [(c.id, c.status) for c in self.look(unreadable=("~/.bashrc",))] == [
            ("user-env:~/.bashrc", Status.UNKNOWN)
        ]


@pytest.mark.parametrize(
    ("session", "made", "lines"),
    [
        ({}, generation(env(KEY, "10.3.0")), {f"session:{KEY}": Status.NOT_APPLICABLE}),
        ({KEY: "10.3.0"}, generation(env(KEY, "10.3.0")), {f"session:{KEY}": Status.OK}),
        ({KEY: "11.0.0"}, generation(env(KEY, "10.3.0")), {f"session:{KEY}": Status.MISMATCH}),
        # An override that was taken away and is still exported.
        ({KEY: "10.3.0"}, generation(), {f"session:{KEY}": Status.MISMATCH}),
        ({KEY: "10.3.0"}, None, {f"session:{KEY}": Status.OK}),
        ({KEY: ""}, None, {f"session:{KEY}": Status.FAILED}),
        ({KEY: "10.3.0"}, generation(python(KEY, "10.3.0")), {}),
        ({KEY: "11.0.0"}, generation(python(KEY, "10.3.0")), {f"session:{KEY}": Status.MISMATCH}),
        ({"MIOPEN_DEBUG_CONV_GEMM": "0"}, generation(), {"session:MIOPEN_DEBUG_CONV_GEMM": Status.MISMATCH}),
        ({"MIOPEN_DEBUG_CONV_GEMM": "0"}, None, {}),
        ({"MIOPEN_LOG_LEVEL": "7", "PATH": "/bin", "ROCR_VISIBLE_DEVICES": "0"}, generation(), {}),
        ({"HIP_VISIBLE_DEVICES": "0"}, generation(), {"session:HIP_VISIBLE_DEVICES": Status.OK}),
        ({"RDNA_HOOK": "0"}, generation(), {"session:RDNA_HOOK": Status.MISMATCH}),
        ({"RDNA_HOOK": "verbose"}, generation(), {}),
        # ~/.bashrc sets it: it has its line there.
        ({"HSA_FROM_FILE": "1"}, generation(), {}),
        ({"HSA_FROM_FILE": "2"}, generation(), {"session:HSA_FROM_FILE": Status.MISMATCH}),
    ],
)  # fmt: skip
def test_session(session: dict[str, str], made: Generation | None, lines: dict[str, Status]) -> None:
    scan = Scan((found("HSA_FROM_FILE", "1"),))
    checks = list(check_session(session, wanted_of(made), scan, asker(facts(gpus=(NAVI22,)), made)))
    assert {c.id: c.status for c in checks} == lines
    way = "unset RDNA_HOOK" if "RDNA_HOOK" in session else "log out and in again"
    assert all(way in str(c.hint) for c in checks if c.status is Status.MISMATCH)


def test_origin_is_not_asked_for_native_kernels() -> None:
    own = facts(sites=(site(("gfx1010:xnack-",), TorchOrigin.SELF_BUILT),))
    assert judge(KEY, "10.3.0", InForce(), asker(own)).status is Status.MISMATCH
