"""``setup`` as far as the folder of wheels: what it shows, how it asks, what it leaves, and what it says elsewhere."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import jsonschema
import pytest
from cli_sample import Cli, Result
from fixtures.indexserver import Index, serving
from fixtures.wheelmaker import SplitSet, amd_split, generic, rocm_pieces, wheel

from rdna_installer.change.store import Store
from rdna_installer.change.transaction import commit
from rdna_installer.detect.gpus import given
from rdna_installer.environments.choose import Asking, Here
from rdna_installer.knowledge.indexes import indexes
from rdna_installer.machine.net import Net
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, Layer, Setting
from rdna_installer.plan.plan import make_change
from rdna_installer.report import setup_text
from rdna_installer.report.console import Style
from rdna_installer.workflow import choosing, environments
from rdna_installer.workflow.fetching import Room
from rdna_installer.workflow.setting_up import Preview

PROJECT = Path(__file__).resolve().parents[2]
TARGETS = ("gfx1010", "gfx1033")
STORE = "var/lib/rdna-installer/wheels"
BACK = "rocm_sdk_core-10.2.0-py3-none-linux_x86_64.whl"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole set, a newer one whose ROCm was taken back, and two that are half uploaded."""
    folder = tmp_path_factory.mktemp("wheels")
    generic(folder)
    for rocm in ("10.1.0", "10.2.0"):
        rocm_pieces(folder, rocm, TARGETS)
        gone = [f"amd-torch-device-{gfx}" for gfx in TARGETS]
        for torch, vision in (("2.14.0", "0.29.0"), ("2.13.0", "0.28.0")):
            made = SplitSet(torch, vision, "2.11.0.2", rocm, ("cp311",), TARGETS)
            amd_split(folder, made)
            if rocm == "10.2.0" and torch == "2.14.0":
                for name in gone:
                    for path in (folder / name).glob(f"*{rocm}*"):
                        path.unlink()
    return folder


@pytest.fixture
def index(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    with serving(wheels) as served:
        served.yanked = (BACK,)
        yield served


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root with an RX 5600 XT and no Python of its own."""
    root = tmp_path / "root"
    node = root / "sys/class/kfd/kfd/topology/nodes/1"
    for folder in (node, root / "etc", root / "var/lib", root / "home/sam"):
        folder.mkdir(parents=True)
    (root / "etc/passwd").write_text(f"sam:x:{os.getuid()}:{os.getgid()}:Sam:/home/sam:/bin/bash\n")
    (node / "properties").write_text("simd_count 72\ngfx_target_version 100100\nvendor_id 4098\ndevice_id 29471\n")
    return root


def setup(cli: Cli, machine: Path, index: Index, *more: str) -> Result:
    return cli("setup", "--root", str(machine), "--python", "cp311", "--index", index.url, *more)


def left(machine: Path) -> list[str]:
    return sorted(p.name for p in (machine / STORE).rglob("*") if p.is_file())


def test_the_plan_says_what_matters_and_changes_nothing(cli: Cli, machine: Path, index: Index) -> None:
    done = setup(cli, machine, index, "--dry-run")
    assert done.code == 0
    assert (
        done.out.startswith("Card     RX 5600 XT, target gfx1010 (known from: kfd)\n") or "target gfx1010" in done.out
    )
    for said in (
        "Set      torch 2.14.0+rocm10.1.0 for Python 3.11, 22 files",
        "AMD: publishes it and has no machine with this card",
        "Newer    2.14.0+rocm10.2.0 lacks amd-torch-device-gfx1010; rocm-sdk-core (taken",
        "back: wrong kernels)",
        "no kernels for gfx1010: pytorch-rocm7.2, pytorch-nightly\n",
        "--index pytorch-5.2: pytorch.org, ROCm 5.2 (2022), Python 3.7 to 3.10\n",
        "amd-torch-device-gfx1010        2.14.0+rocm10.1.0",
        "No digests are published: recorded on arrival",
        "setup.py of rocm-10.1.0.tar.gz, offline, for gfx1010, never as root",
        "Goes to  /var/lib/rdna-installer/environments/1, for the system",
    ):
        assert said in done.out, done.out
    assert left(machine) == []


@pytest.mark.parametrize("gfx", TARGETS)
def test_the_plan_fits_two_screens(cli: Cli, machine: Path, index: Index, gfx: str) -> None:
    lines = setup(cli, machine, index, "--dry-run", "--gfx", gfx).out.splitlines()
    assert len(lines) <= 48, "\n".join(lines)
    assert [line for line in lines if len(line) > 80] == []


# What comes along with nobody: a ComfyUI of a year, and the notes of the rules and of the system's lacks.
LEFT = tuple(f"package-of-a-node-{number}==1.{number}.0" for number in range(80))
NOTES = (
    "Code that Inductor compiled earlier is still wrong (Triton's own cache notices the change). Clear it once, as the "
    "user who runs torch: rdna-installer cache clear",
    "missing: firmware-amd-graphics: the card does not start without it; first put this into /etc/apt/sources.list: "
    "deb http://mirror.example/debian bookworm main non-free-firmware",
)


@pytest.mark.parametrize("gfx", TARGETS)
@pytest.mark.parametrize("common", [0, 15], ids=["all-new", "most-as-before"])
def test_the_plan_of_an_upgrade_fits_two_screens(machine: Path, index: Index, gfx: str, common: int) -> None:
    root, net = Sysroot(machine), Net()
    plan = choosing.plan(root, net, Asking(given(gfx), Here("cp311"), index.url))
    same = tuple(file.filename for file in plan.choice.files if not file.name.startswith("torch"))[:common]
    running = tuple(f"python3 (pid {number})" for number in range(1000, 1012))
    groups = tuple(f"usermod -aG {group} sam" for group in ("render", "video"))
    steps = ("apt-get --no-install-recommends install python3-venv", *groups)
    old = "environment 11 (torch 2.12.0+rocm10.1.0)"
    keys = ("AMDGCN_USE_BUFFER_OPS", "TORCH_DISABLE_NATIVE_JIT", "HSA_OVERRIDE_GFX_VERSION")
    sets = tuple(Setting(Layer.PYTHON, None, key, "0", "rule") for key in keys)
    place = "/var/lib/rdna-installer/environments/12"
    found = Preview("the system", place, 1 << 33, 1 << 35, sets, old, LEFT, running, NOTES, steps, same)
    text = setup_text.render(plan, Room(PurePosixPath("/w"), 1 << 32, 1 << 35), found, Style(io.StringIO()))
    lines = text.splitlines()
    assert len(lines) <= 48, text
    assert [line for line in lines if len(line) > 80] == []
    told = " ".join(text.split())
    missing = [f.name for f in plan.choice.files if f"{f.name} " not in told]
    assert (missing, "and 74 more" in told, f"listed in {place}.left.txt" in told) == ([], True, True), text


def test_nobody_to_ask_nothing_fetched(cli: Cli, machine: Path, index: Index) -> None:
    done = setup(cli, machine, index)
    assert (done.code, left(machine)) == (5, [])
    assert "add --yes" in done.err


def test_fetched_after_consent_and_once(cli: Cli, machine: Path, index: Index) -> None:
    done = setup(cli, machine, index, "--yes")
    assert done.code == 0, done.err
    names = left(machine)
    assert len([name for name in names if name.endswith((".whl", ".gz"))]) == 22
    assert "lock-2.14.0+rocm10.1.0-gfx1010-cp311.json" in names
    index.asked.clear()
    again = setup(cli, machine, index, "--yes")
    assert (again.code, "nothing is left to fetch" in again.out) == (0, True)
    assert not [path for how, path, part in index.asked if how == "GET" and path.endswith(".whl") and not part]


def test_documents_fit_their_schema(cli: Cli, machine: Path, index: Index) -> None:
    known = json.loads((PROJECT / "docs/schemas/setup.json").read_text())
    plan = json.loads(setup(cli, machine, index, "--dry-run", "--json").out)
    checked = json.loads(setup(cli, machine, index, "--check-index", "--json").out)
    failed = json.loads(setup(cli, machine, index, "--gfx", "gfx1013", "--json").out)
    for document in (plan, checked, failed):
        jsonschema.validate(document, known)
    assert (plan["outcome"], plan["set"]["torch"], len(plan["set"]["files"])) == ("changes", "2.14.0+rocm10.1.0", 22)
    assert failed["error"]["reference"] == "no-set"
    (one,) = checked["indexes"]
    assert [item["lacks"] for item in one["sets"]][1:] == [[], ["rocm-sdk-core (taken back: wrong kernels)"], []]
    assert (one["hashes"], one["metadata"], one["problem"]) == (0, 0, None)


def test_recover_removes_an_environment_that_no_change_names(cli: Cli, machine: Path) -> None:
    store = Store.open(Sysroot(machine))
    store.make()
    half = machine / str(environments.prefix(store, 7))[1:]
    (half / "lib").mkdir(parents=True)
    done = cli("recover", "--root", str(machine))
    assert (done.code, done.out) == (0, "removed: environment 7, which nothing needs\n"), done
    assert not half.exists()


def test_verify_says_that_the_environment_in_force_is_not_whole(cli: Cli, machine: Path) -> None:
    store = Store.open(Sysroot(machine))
    path = environments.reference(store)
    (machine / str(path)[1:]).parent.mkdir(parents=True)
    change = make_change(FileState(path), FileState(path, owner=os.geteuid(), group=os.getegid(), link="7"))
    assert change is not None
    commit(store, [change], Generation("setup"))
    found = json.loads(cli("verify", "--json", "--root", str(machine)).out)["checks"]
    (said,) = [check for check in found if check["id"].startswith("environment:")]
    assert (said["id"], said["status"]) == (f"environment:{path.with_name('7')}", "failed"), said
    assert said["hint"] == "install another: sudo rdna-installer setup"


def test_check_index_reads_and_never_fetches(cli: Cli, machine: Path, index: Index) -> None:
    index.hashes = index.metadata = True
    done = setup(cli, machine, index, "--check-index")
    assert done.code == 0
    assert "2.14.0+rocm10.1.0: complete" in done.out
    assert "digests of 22, METADATA beside 21 of 22" in " ".join(done.out.split())
    assert (left(machine), len(index.asked) < 75) == ([], True)
    assert setup(cli, machine, index, "--check-index", "--gfx", "gfx1013").code == 3


def test_an_index_that_is_not_there(cli: Cli, machine: Path) -> None:
    done = cli("setup", "--root", str(machine), "--python", "cp311", "--index", "http://127.0.0.1:9/", "--check-index")
    assert done.code == 3
    assert "not asked: 127.0.0.1: it cannot be reached" in done.out
    done = cli("setup", "--root", str(machine), "--python", "cp311", "--index", "http://127.0.0.1:9/")
    assert (done.code, "[net-unreachable]" in done.err) == (3, True)
    done = cli("setup", "--root", str(machine), "--python", "cp311", "--index", "https://[::1")
    assert (done.code, "[net-address]" in done.err) == (3, True)
    done = cli("setup", "--root", str(machine), "--python", "cp311", "--index", "nightly")
    assert (done.code, "amd-nightly" in done.err) == (3, True)


def test_a_python_that_no_set_is_for(cli: Cli, machine: Path, index: Index) -> None:
    done = cli("setup", "--root", str(machine), "--python", "cp314", "--index", index.url)
    assert done.code == 3
    assert "it has no torch for Python 3.14, but for 3.11" in " ".join(done.err.split())
    assert cli("setup", "--root", str(machine), "--python", "cp39", "--index", index.url).code == 3
    assert cli("setup", "--root", str(machine), "--python", "cp311", "--python", "cp312").code == 2


# Target, ROCm of the only set, kernel; exit code; what is said before a byte is fetched, the fault and the way round.
FAULTS = [
    (
        "gfx1010",
        "10.0.0",
        "6.12.63+deb13-amd64",
        3,
        ("every kernel launch fails", "rocm10.1.0", "a kernel before 6.12"),
    ),
    ("gfx1010", "10.0.0", "6.6.30-generic", 0, ("stay on a kernel before 6.12", "TheRock#7472")),
    ("gfx1010", "10.1.0", "6.12.63+deb13-amd64", 0, ("Goes to",)),
    ("gfx1100", "10.1.0", "6.18.9-arch1-1", 0, ("known for memory access faults", "boot another kernel")),
]


@pytest.mark.parametrize(("gfx", "rocm", "kernel", "code", "said"), FAULTS)
def test_a_fault_of_this_kernel_is_said_before(
    cli: Cli, machine: Path, gfx: str, rocm: str, kernel: str, code: int, said: tuple[str, ...]
) -> None:
    tree = machine / "tree"
    generic(tree)
    rocm_pieces(tree, rocm, (gfx,))
    amd_split(tree, SplitSet("2.13.0", "0.28.0", "2.11.0.2", rocm, ("cp311",), (gfx,)))
    (machine / "set").mkdir()
    for path in tree.glob("*/*"):
        path.rename(machine / "set" / path.name)
    (machine / f"lib/modules/{kernel}/kernel/drivers/gpu/drm/amd/amdgpu").mkdir(parents=True)
    words = ("setup", "--root", str(machine), "--wheels", "/set", "--python", "cp311", "--gfx", gfx)
    done = cli(*words, "--yes" if code else "--dry-run")
    text = " ".join(f"{done.out} {done.err}".split())
    assert (done.code, [word for word in said if word not in text]) == (code, []), text
    assert left(machine) == []


def told(done: Result) -> list[list[str]]:
    """The commands of ours that an error offers, without sudo."""
    lines = done.err[done.err.index("do:") :].replace(": rdna-installer", "\nrdna-installer").splitlines()
    found = [line.strip().removeprefix("do:").strip().removeprefix("sudo ") for line in lines]
    return [line.split()[1:] for line in found if line.startswith("rdna-installer ")]


def test_what_a_refusal_offers_works(cli: Cli, machine: Path, tmp_path: Path, index: Index) -> None:
    """A torch whose ROCm fails on this kernel: the command that is offered is run, and leads to a set that does not."""
    tree = tmp_path / "stable"
    for torch, vision, rocm in (("2.13.0", "0.28.0", "10.0.0"), ("2.12.0", "0.27.0", "10.1.0")):
        generic(tree)
        rocm_pieces(tree, rocm, TARGETS)
        amd_split(tree, SplitSet(torch, vision, None, rocm, ("cp311",), TARGETS))
    index.folder = tree
    (machine / "lib/modules/6.12.63/kernel/drivers/gpu/drm/amd/amdgpu").mkdir(parents=True)
    here = ("--root", str(machine), "--python", "cp311", "--dry-run")
    refused = cli("setup", *here, "--index", index.url)
    assert (refused.code, "[unusable]" in refused.err, "pip " in refused.err) == (3, True, False)
    known = indexes()
    ours, advise = told(refused)
    address = next(channel.url for channel in known.channels if channel.id == "amd-stable")
    assert ours == ["setup", "--index", address, "--torch", "2.12.0+rocm10.1.0"]
    ours[2] = index.url  # what answers there, here
    done = cli(*ours, *here)
    assert (done.code, "torch 2.12.0+rocm10.1.0 for" in done.out) == (0, True), done
    assert cli(*advise, "--root", str(machine)).code == 0
    none = cli("setup", *here, "--index", index.url, "--gfx", "gfx1013")  # not this machine's: it is named again
    assert (none.code, told(none)) == (3, [["advise", "--gfx", "gfx1013"]])
    assert cli(*told(none)[0], "--root", str(machine)).code == 0
    gone = cli("setup", "--root", str(machine), "--for", "/")
    assert (gone.code, told(gone)) == (3, [["setup"]])
    (machine / "sys/class/kfd/kfd/topology/nodes/1/properties").unlink()
    unseen = cli("setup", *here, "--index", index.url)  # a card that Linux does not show
    (doctor,) = told(unseen)
    assert (unseen.code, doctor, "--gfx gfx1010" in unseen.err) == (3, ["doctor"], True)
    assert "[no-gpu]" in unseen.err and cli(*doctor, "--root", str(machine)).code == 4
    assert cli("setup", "--gfx", "gfx1010", *here, "--index", index.url, "--torch", "2.12.0").code == 0
    unseen = cli("setup", *here, "--cpu")
    assert (unseen.code, "--cpu needs a card to be named, too" in unseen.err) == (3, True)
    lost = cli("setup", *here, "--repair")
    assert (lost.code, told(lost)) == (3, [["setup"]])


def test_the_torch_of_2022_with_its_profile(cli: Cli, machine: Path) -> None:
    folder = machine / "wheels"
    generic(folder)
    needs = {"torch": ("1.13.1", ["typing-extensions"]), "torchvision": ("0.14.1", ["numpy", "torch==1.13.1"])}
    for name, (version, requires) in needs.items():
        wheel(folder, name, f"{version}+rocm5.2", "cp310-cp310-linux_x86_64", requires=requires)
    wheel(folder, "numpy", "1.26.4")
    for path in folder.glob("*/*"):
        path.rename(folder / path.name)
    words = ("setup", "--root", str(machine), "--wheels", "/wheels", "--torch", "1.13.1", "--dry-run")
    done = cli(*words, "--python", "cp310")
    assert done.code == 0 and "HSA_OVERRIDE_GFX_VERSION=10.3.0" in done.out, done
    assert "numpy                           1.26.4" in done.out
    done = cli(*words, "--python", "cp312")
    assert done.code == 3 and "it has no torch for Python 3.12, but for 3.10" in " ".join(done.err.split()), done
    assert "--python PATH" in done.err
