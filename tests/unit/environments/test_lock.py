"""The lock: what pip is told, and what a set must have before anything of it is installed."""

from __future__ import annotations

import pytest

from rdna_installer import codec
from rdna_installer.environments.choose import constraints
from rdna_installer.environments.lock import HashFrom, Layout, Lock, LockedFile, expected, requirements
from rdna_installer.record import replace

TORCH, ROCM = "2.14.0+rocm10.1.0", "10.1.0"
VERSIONS = {
    "torch": TORCH, "amd-torch-device-gfx1010": TORCH, "triton": "3.8.0+git4cff872c.rocm10.1.0", "rocm": ROCM,
    "rocm-sdk-core": ROCM, "rocm-sdk-libraries": ROCM, "rocm-sdk-device-gfx1010": ROCM, "filelock": "3.29.1",
}  # fmt: skip


def locked(name: str, version: str) -> LockedFile:
    sdist = name == "rocm"
    end = ".tar.gz" if sdist else "-py3-none-any.whl"
    filename = f"{name.replace('-', '_')}-{version}{end}"
    return LockedFile(filename, name, version, "ab" * 32, 10, None, HashFrom.ARRIVAL, sdist)


def lock(**versions: str | None) -> Lock:
    whole = {**VERSIONS, **{name.replace("_", "-"): version for name, version in versions.items()}}
    files = tuple(locked(name, version) for name, version in whole.items() if version)
    return Lock(TORCH, ROCM, "gfx1010", "cp311", "https://stable.repo.amd.com/rocm/whl-next/", "2026-11-26", files)


def test_pip_is_told_of_wheels_only() -> None:
    told = requirements(lock(), [locked("rocm", ROCM)]).splitlines()
    assert f"rocm==10.1.0 --hash=sha256:{'ab' * 32}" in told
    assert len(told) == 8
    assert "rocm==" not in [line.split("10.1")[0] for line in requirements(lock()).splitlines()]
    assert told == sorted(told)


def test_a_program_keeps_what_goes_with_torch() -> None:
    """and chooses the rest: NumPy, Pillow and the like; only the torch of 2022 is held below NumPy 2."""
    files = (locked("torch", TORCH), locked("rocm-bootstrap", "0.3.0"), locked("numpy", "2.4.0"))
    made = Lock(TORCH, ROCM, "gfx1010", "cp311", "x", "2026-11-26", files)
    assert constraints(made) == f"torch=={TORCH}\nrocm-bootstrap==0.3.0\n"
    old = Lock("1.13.1+rocm5.2", "5.2", "gfx1030", "cp310", "x", "2026-11-26", (locked("numpy", "1.26.4"),))
    assert constraints(old) == "numpy<2\n"


def test_a_whole_set_is_as_expected() -> None:
    assert expected(lock(), "gfx1010") == ()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"amd_torch_device_gfx1010": None}, "amd-torch-device-gfx1010 is missing"),
        ({"amd_torch_device_gfx1010": "2.12.0+rocm10.1.0"}, "amd-torch-device-gfx1010 is 2.12.0+rocm10.1.0"),
        ({"rocm_sdk_device_gfx1010": None}, "rocm-sdk-device-gfx1010 is missing"),
        ({"rocm_sdk_core": "7.14.0"}, "rocm-sdk-core is 7.14.0, and the set is 10.1.0"),
        ({"rocm": None}, "rocm is missing"),
        ({"torch": "2.14.0"}, "torch is 2.14.0, and the set is 2.14.0+rocm10.1.0"),
        ({"nvidia_cublas_cu12": "12.8"}, "nvidia-cublas-cu12 is for NVIDIA cards"),
    ],
)
def test_each_fault_is_named(other: dict[str, str | None], said: str) -> None:
    (problem,) = expected(lock(**other), "gfx1010")
    assert problem.message.startswith(said)


def test_another_target_is_another_set() -> None:
    assert [p.message.split(" ")[0] for p in expected(lock(), "gfx1031")] == [
        "amd-torch-device-gfx1031", "rocm-sdk-device-gfx1031"
    ]  # fmt: skip


def test_one_name_twice_and_a_second_source_package() -> None:
    whole = lock()
    twice = replace(whole, files=(*whole.files, locked("filelock", "3.0")))
    assert [p.message.split(":")[0] for p in expected(twice, "gfx1010")] == ["filelock is there twice"]
    source = replace(locked("evil", "1"), sdist=True)
    told = expected(replace(whole, files=(*whole.files, source)), "gfx1010")
    assert "would run its own code" in told[0].message


def test_a_bundled_torch_needs_no_device_package() -> None:
    whole = Lock("2.12.0+rocm7.2", "7.2", "gfx1100", "cp311", "x", "2026-11-26", (locked("torch", "2.12.0+rocm7.2"),))
    assert expected(replace(whole, layout=Layout.BUNDLED), "gfx1100") == ()
    assert len(expected(whole, "gfx1100")) == 6


def test_it_is_kept_as_it_was() -> None:
    content = codec.write(lock(), 1)
    assert codec.read(Lock, content, "lock", 1) == lock()
    with pytest.raises(codec.MisfitError, match="checksum"):
        codec.read(Lock, content.replace(b"filelock", b"filelook"), "lock", 1)
