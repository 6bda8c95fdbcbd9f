"""One machine, several answers: each program is judged by the kernels it ships, and nothing for one is set for all."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "check"))

from check_samples import BOOK, NAVI22, facts, put, site

from rdna_installer.amd.case import case_of
from rdna_installer.amd.judge import judge_setting
from rdna_installer.detect.programs import Program
from rdna_installer.knowledge.catalogue import Emit
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, Layer, Request, Torch, TorchOrigin
from rdna_installer.plan.programs import consumers, for_programs
from rdna_installer.workflow.foreign import gather, scan_files
from rdna_installer.workflow.planning import decide

OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"
OLLAMA, IMAGE = "/usr/local/bin/ollama", "docker.io/ollama/ollama:rocm"
LACKS, HAS = ("gfx1030", "gfx1100"), ("gfx1030", "gfx1031", "gfx1100")
UNIT = f"[Service]\nExecStart={OLLAMA} serve\nEnvironment={OVERRIDE}="
NOTHING = (None, None, None, frozenset(), (), None)
STORE = "/var/lib/containers/storage"


def torch(*targets: str) -> HostFacts:
    """An RX 6700 XT with a torch that has these kernels; with none named no torch at all."""
    sites = (site(targets, TorchOrigin.THEROCK),) if targets else ()
    return facts(gpus=(NAVI22,), sites=sites, live=False)


def ollama(root: Path, targets: tuple[str, ...]) -> None:
    put(root, OLLAMA, "x", 0o755)
    for gfx in targets:
        put(root, f"/usr/local/lib/ollama/rocm/rocblas/library/TensileLibrary_lazy_{gfx}.dat", "x")


# torch's kernels, ollama's, the override in ollama's unit -> what it is there; and what plan does for torch.
COMBINATIONS = [
    (LACKS, LACKS, "10.3.0", Answer.RIGHT, "10.3.0"),
    (LACKS, LACKS, "11.0.0", Answer.HARMFUL, "10.3.0"),
    (LACKS, HAS, "10.3.0", Answer.HARMFUL, "10.3.0"),
    (LACKS, HAS, "10.3.1", Answer.SUPERFLUOUS, "10.3.0"),
    (HAS, LACKS, "10.3.0", Answer.RIGHT, None),
    (HAS, LACKS, "10.3.1", Answer.HARMFUL, None),
    (HAS, HAS, "10.3.0", Answer.HARMFUL, None),
    (HAS, HAS, "10.3.1", Answer.SUPERFLUOUS, None),
    ((), LACKS, "10.3.0", Answer.RIGHT, None),
    ((), HAS, "10.3.0", Answer.HARMFUL, None),
]


@pytest.mark.parametrize(("torchs", "ollamas", "value", "answer", "ours"), COMBINATIONS)
def test_each_by_its_own_kernels(
    tmp_path: Path, torchs: tuple[str, ...], ollamas: tuple[str, ...], value: str, answer: Answer, ours: str | None
) -> None:
    ollama(tmp_path, ollamas)
    put(tmp_path, "/etc/systemd/system/ollama.service", f"{UNIT}{value}\n")
    root, host = Sysroot(tmp_path), torch(*torchs)
    ((item,), _) = gather(root, host)
    assert item.site == OLLAMA
    judged = judge_setting(case_of(host, BOOK), OVERRIDE, value, item.program)
    assert judged.answer is answer, judged
    decided = decide(root, host, Request(), BOOK)
    assert [s.value for s in decided.policy.settings if s.key == OVERRIDE] == ([ours] if ours else [])
    assert all(s.layer is not Layer.ENV and s.site == str(site().python) for s in decided.policy.settings)
    assert decided.others.conflicts == ()  # it reaches no torch
    assert any("/ollama.service:3" in text for text in decided.others.warnings) == (answer is not Answer.RIGHT)


def test_a_python_of_a_unit_is_that_one(tmp_path: Path) -> None:
    """What is right for it is no word about another torch, and wins over what is ours in it alone."""
    one = site(LACKS, TorchOrigin.THEROCK)
    other = PurePosixPath("/srv/other")
    two = replace(
        one,
        python=other / "bin/python",
        prefix=other,
        torch=replace(one.torch or Torch("1", None, ()), gfx_targets=HAS),
    )
    host = facts(gpus=(NAVI22,), sites=(one, two), live=False)
    put(
        tmp_path,
        "/etc/systemd/system/c.service",
        f"[Service]\nExecStart={other}/bin/python3 main.py\nEnvironment={OVERRIDE}=10.3.0\n",
    )
    (found,) = scan_files(Sysroot(tmp_path), host).found
    assert found.site == str(two.python)
    assert judge_setting(case_of(host, BOOK), OVERRIDE, "10.3.0", two).answer is Answer.HARMFUL
    decided = decide(Sysroot(tmp_path), host, Request(), BOOK)
    assert [c.source for c in decided.others.conflicts] == ["/etc/systemd/system/c.service:3"]
    assert str(two.python) in decided.others.conflicts[0].hint


@pytest.mark.parametrize("named", [IMAGE, "ollama/ollama:rocm"])
@pytest.mark.parametrize(("ollamas", "answer"), [(LACKS, Answer.RIGHT), (HAS, Answer.HARMFUL)])
def test_a_quadlet_is_judged_by_the_kernels_of_its_image(
    tmp_path: Path, named: str, ollamas: tuple[str, ...], answer: Answer
) -> None:
    """The kernels are in a lower layer than the image's own."""
    put(tmp_path, f"{STORE}/overlay-images/images.json", f'[{{"id": "i", "names": ["{IMAGE}"], "layer": "top"}}]')
    put(tmp_path, f"{STORE}/overlay-layers/layers.json", '[{"id": "top", "parent": "low"}, {"id": "low"}]')
    for gfx in ollamas:
        put(
            tmp_path, f"{STORE}/overlay/low/diff/usr/lib/ollama/rocm/rocblas/library/TensileLibrary_lazy_{gfx}.dat", "x"
        )
    quadlet = f"[Container]\nImage={named}\nEnvironment={OVERRIDE}=10.3.0\n"
    put(tmp_path, "/etc/containers/systemd/o.container", quadlet)
    host = torch(*HAS)
    ((item,), _) = gather(Sysroot(tmp_path), host)
    assert (item.site, item.source) == (IMAGE, "/etc/containers/systemd/o.container:3")
    assert judge_setting(case_of(host, BOOK), OVERRIDE, "10.3.0", item.program).answer is answer
    put(tmp_path, "/etc/containers/systemd/o.container", quadlet.replace("ollama:rocm", "other:rocm"))
    ((item,), _) = gather(Sysroot(tmp_path), host)
    assert (item.site, item.program) == (None, None)


def test_nothing_that_depends_on_kernels_is_ever_set_for_the_machine() -> None:
    """So every consumer agrees with what is: no word against a machine-wide variable is of one program alone."""
    machine = {e.key: e for e in BOOK.env.values() if e.layer is Layer.ENV}
    assert OVERRIDE not in machine and "ROCR_VISIBLE_DEVICES" not in machine
    for entry in machine.values():
        for opinion in (each for each in entry.judged if each.answer is Answer.HARMFUL):
            when = opinion.when
            assert (when.torch, when.rocm, when.has_kernels, when.origin, when.reads, when.use) == NOTHING, entry.key
    written = {w.key for r in BOOK.rules for w in r.settings if w.layer is Layer.ENV}
    for profile in map(BOOK.profile, BOOK.profile_names):
        written |= {w.key for rule in profile.rules for w in rule.settings if w.layer is Layer.ENV}
    assert written <= machine.keys()
    assert all(machine[key].emit is not Emit.NEVER for key in written)


def test_each_program_is_told_its_own(tmp_path: Path) -> None:
    """Blender, LM Studio, llama.cpp and images beside ollama: what one lacks the next one has."""
    case = case_of(torch(*HAS), BOOK)
    programs = [
        Program("ollama", PurePosixPath("/o"), LACKS),
        Program("Blender", PurePosixPath("/b"), HAS),
        Program("LM Studio", PurePosixPath("/l"), ("gfx1100",)),
        Program("llama.cpp", PurePosixPath("/c"), ()),
        Program("ollama in a container image", PurePosixPath("/i"), LACKS, (IMAGE,)),
    ]
    assert set(consumers(programs)) == {"/o", "/b", "/l", "/c", "/i", IMAGE}
    assert for_programs(case, programs) == {name: {OVERRIDE: "10.3.0"} for name in ("/o", "/i", IMAGE)}
