"""What `gemm` remembers of a shape, and who computes what when only some of it is ours or memory runs out."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rdna_installer.runtime.conv import costs

GEOMETRY = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
STEPS = {(costs.FORWARD, False): 0, (costs.IMAGE, True): 1, (costs.WEIGHT, True): 2}


class Some:
    """Prefers ours for some of forward, gradient of the input, gradient of the weights."""

    def __init__(self, wins: tuple[bool, bool, bool]) -> None:
        self.wins = wins

    def prefers_gemm(self, _link: Any, operation: str, _dtype: str, backward: bool) -> bool:
        return self.wins[STEPS[operation, backward]]


def inputs(torch: Any) -> tuple[Any, Any, Any, Any]:
    torch.manual_seed(0)
    return torch.randn(2, 3, 8, 8), torch.randn(4, 3, 3, 3), torch.randn(4), torch.randn(2, 4, 8, 8)


@pytest.mark.parametrize("full", [False, True], ids=["enough memory", "none for ours"])
@pytest.mark.parametrize("wins", list(itertools.product((False, True), repeat=3)))
def test_what_is_not_ours_is_asked_of_pytorch_in_one_call(
    torch: Any, ours: list[str], monkeypatch: pytest.MonkeyPatch, wins: tuple[bool, bool, bool], full: bool
) -> None:
    from rdna_installer.runtime.conv import aten, gemm, notices

    notices._said.clear()
    x, w, bias, grad = inputs(torch)
    wanted = [aten.convolution(x, w, bias, *GEOMETRY)]
    wanted += aten.backward(grad, x, w, [4], *GEOMETRY, [True, True, True])
    calls: list[list[bool]] = []
    backward = aten.backward

    def counted(*arguments: Any) -> Any:
        calls.append(list(arguments[-1]))
        return backward(*arguments)

    def no_memory(*_: Any) -> Any:
        raise RuntimeError("HIP out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(aten, "backward", counted)
    if full:
        for name in ("correlate", "adjoint", "weight_gradient"):
            monkeypatch.setattr(gemm, name, no_memory)
    chosen = gemm.Gemm(model=Some(wins))
    found = [chosen.forward(x, w, bias, *GEOMETRY)]
    found += chosen.backward(grad, x, w, [4], *GEOMETRY, [True, True, True])
    for part, f, t in zip(("output", "d input", "d weight", "d bias"), found, wanted, strict=True):
        assert torch.allclose(f, t, atol=1e-4), part
    by_torch = [full or not win for win in wins[1:]]
    assert calls == ([[*by_torch, not any(wins[1:])]] if any(by_torch) else [])
    names = ("correlate", "adjoint", "weight_gradient")
    assert ours == [] if full else ours == [name for name, win in zip(names, wins, strict=True) if win]
    assert [line.rpartition(": ")[2] for line in notices.said()] == (
        ["gemm in smaller chunks", "no-miopen"] if full and any(wins) else []
    )
    notices._said.clear()


@pytest.mark.parametrize("wins", [(False, False, False), (True, True, True)], ids=["PyTorch's", "ours"])
def test_gradients_go_down_the_whole_ladder(
    torch: Any, monkeypatch: pytest.MonkeyPatch, wins: tuple[bool, bool, bool]
) -> None:
    from rdna_installer.runtime.conv import aten, gemm, notices, strategies

    notices._said.clear()
    x, w, _, grad = inputs(torch)
    mask = [True, True, False]
    wanted = aten.backward(grad, x, w, None, *GEOMETRY, mask)
    on_host = list(wanted)

    def no_memory(*_: Any) -> Any:
        raise RuntimeError("HIP out of memory. Tried to allocate 2.00 GiB")

    for place, name in ((gemm, "adjoint"), (gemm, "weight_gradient"), (aten, "backward")):
        monkeypatch.setattr(place, name, no_memory)
    monkeypatch.setattr(strategies, "host_backward", lambda *_: on_host)
    found = gemm.Gemm(model=Some(wins)).backward(grad, x, w, None, *GEOMETRY, mask)
    assert found[0] is on_host[0] and found[1] is on_host[1] and found[2] is None
    assert [line.rpartition(": ")[2] for line in notices.said()] == (
        ["gemm in smaller chunks", "no-miopen", "cpu"] if all(wins) else ["cpu"]
    )
    torch.use_deterministic_algorithms(True)
    try:
        with pytest.raises(RuntimeError, match="out of memory"):
            gemm.Gemm(model=Some(wins)).backward(grad, x, w, None, *GEOMETRY, mask)
    finally:
        torch.use_deterministic_algorithms(False)
        notices._said.clear()


SAME = ([2, 1], [0, 0], [1, 1], False, [0, 0], 1)


@pytest.mark.parametrize(
    "other",
    [
        ([2, 1, 0], [0], [1, 1], False, [0, 0], 1),  # what a list loses the next one gains
        ([2], [1, 0, 0], [1, 1], False, [0, 0], 1),
        ([2, 1], [0, 0, 1], [1], False, [0, 0], 1),
        ([2, 1], [0, 0], [1, 1, 0], False, [0], 1),
        ([2, 1], [0, 0], [1, 1], True, [0, 0], 1),
        ([2, 1], [0, 0], [1, 1], False, [0, 0], 2),
    ],
)
def test_a_plan_is_for_one_geometry(torch: Any, other: Any) -> None:
    from rdna_installer.runtime.conv import gemm

    x, w, _, _ = inputs(torch)
    decided: list[Any] = []
    kept = gemm.Plans(2**20, costs.Always())
    kept._decide = lambda *call: decided.append(call[2]) or gemm.Plan()
    for geometry in (SAME, other, SAME, other):
        kept.of(x, w, *geometry)
    assert decided == [SAME, other]


def test_another_type_has_another_plan_and_mixed_types_none_of_ours(torch: Any, ours: list[str]) -> None:
    from rdna_installer.runtime.conv import gemm

    x, w, _, grad = inputs(torch)
    chosen = gemm.Gemm(model=costs.Always())
    chosen.forward(x, w, None, *GEOMETRY)
    assert ours == ["correlate"]
    with pytest.raises(RuntimeError):  # PyTorch's own refusal
        chosen.forward(x, w.double(), None, *GEOMETRY)
    with pytest.raises(RuntimeError):
        chosen.backward(grad, x, w.double(), None, *GEOMETRY, [True, True, False])
    assert ours == ["correlate"]
    assert chosen._plan(x.double(), w, *GEOMETRY) is not chosen._plan(x, w, *GEOMETRY)


def test_views_of_every_layout_are_computed_rightly_and_not_all_remembered(
    torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window that slides over recordings of many lengths: one shape, other strides each time."""
    from rdna_installer.runtime.conv import aten, gemm

    monkeypatch.setattr(gemm, "_PROGRAMS", 8)
    chosen = gemm.Gemm(model=costs.Always())
    w = torch.randn(4, 3, 3, 3)
    for width in range(8, 40):
        x = torch.randn(2, 3, 8, width)[..., :8]
        for layout in (x, x.contiguous(memory_format=torch.channels_last)):
            found = chosen.forward(layout, w, None, *GEOMETRY)
            assert torch.allclose(found, aten.convolution(layout, w, None, *GEOMETRY), atol=1e-4)
    assert 0 < len(chosen._plan(x, w, *GEOMETRY).programs) <= 8


def test_shapes_are_not_all_remembered(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rdna_installer.runtime.conv import gemm

    monkeypatch.setattr(gemm, "_PLANS", 8)
    kept, w = gemm.Plans(2**20, costs.Always()), torch.empty(4, 3, 3, 3)
    for width in range(8, 40):
        kept.of(torch.empty(2, 3, 8, width), w, *GEOMETRY)
        assert len(kept._plans) <= 8
