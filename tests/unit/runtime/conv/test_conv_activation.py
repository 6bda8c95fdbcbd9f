"""Putting a strategy in force: bad values, the flag, the memory cap, what `current` says."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_mock import MockerFixture

from rdna_installer.runtime import conv


def test_an_unknown_strategy_is_one_line_and_nothing_else(torch: Any, capfd: Any) -> None:
    from rdna_installer.runtime.conv import notices

    notices._said.clear()
    before = torch.backends.cudnn.enabled
    assert conv.activate("gem", key="CPU") is False
    assert capfd.readouterr().err == (
        "rdna-installer: unknown convolution strategy 'gem' (native, no-miopen, gemm, cpu): PyTorch is left as it is\n"
    )
    assert conv.current()["strategy"] == "native" and torch.backends.cudnn.enabled == before


def test_native_changes_nothing(torch: Any) -> None:
    before = torch.backends.cudnn.enabled
    assert conv.activate("native", key="CPU")
    assert conv.current()["overrides"] == [] and torch.backends.cudnn.enabled == before


def test_current_asks_torch_itself(torch: Any, activate: Any) -> None:
    found = activate("gemm", cap_bytes=1234567)
    assert (found["strategy"], found["in_force"], found["cap_bytes"]) == ("gemm", True, 1234567)
    assert {"_convolution", "convolution_backward", "miopen_convolution", "miopen_batch_norm"} <= set(
        found["overrides"]
    )
    torch._C._set_cudnn_enabled.__globals__["_flag"]["set"](True)
    assert not conv.current()["in_force"]


def test_strategies_replace_each_other(torch: Any, activate: Any) -> None:
    for strategy in ("gemm", "cpu", "no-miopen", "gemm"):
        assert activate(strategy)["strategy"] == strategy


def test_explanations_go_to_the_hook(torch: Any, activate: Any) -> None:
    lines: list[str] = []
    activate("gemm", explain=lines.append)
    assert len(lines) == 1 and lines[0].startswith("convolutions: gemm, ")


@pytest.mark.parametrize("way", ["attribute", "flags"])
def test_switching_miopen_on_again_is_refused_with_one_warning(torch: Any, activate: Any, capfd: Any, way: str) -> None:
    activate("no-miopen")
    for _ in range(2):
        if way == "attribute":
            torch.backends.cudnn.enabled = True
            assert not torch.backends.cudnn.enabled
        else:
            with torch.backends.cudnn.flags(enabled=True, benchmark=False):
                assert not torch.backends.cudnn.enabled
    assert capfd.readouterr().err.count("\n") == 1


def test_a_flag_set_behind_our_back_is_reset_at_the_next_convolution(torch: Any, activate: Any, ours: Any) -> None:
    activate("gemm")
    torch._C._set_cudnn_enabled.__globals__["_flag"]["set"](True)
    torch.conv2d(torch.randn(1, 3, 8, 8), torch.randn(4, 3, 3, 3))
    assert ours == ["correlate"] and not torch.backends.cudnn.enabled


def test_the_user_may_insist(torch: Any, activate: Any, ours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RDNA_ALLOW_MIOPEN", "1")
    activate("gemm")
    torch.backends.cudnn.enabled = True
    assert torch.backends.cudnn.enabled
    x, w = torch.randn(1, 3, 8, 8, requires_grad=True), torch.randn(4, 3, 3, 3)
    torch.conv2d(x, w).sum().backward()
    assert ours == []


def test_the_memory_cap_waits_for_the_gpu_and_never_raises(torch: Any, mocker: MockerFixture, capfd: Any) -> None:
    """A stand-in for torch.cuda on a machine without a GPU."""
    from rdna_installer.runtime.conv import notices

    notices._said.clear()
    queued = mocker.patch.object(torch.cuda, "_lazy_call")
    conv.activate("native", memory_fraction=0.8, key="CPU")
    queued.assert_called_once()
    assert not torch.cuda.is_initialized()
    (when_the_gpu_is_there,) = queued.call_args.args
    cuda = mocker.patch.multiple(
        torch.cuda,
        current_device=lambda: 1,
        device_count=lambda: 2,
        set_device=mocker.DEFAULT,
        set_per_process_memory_fraction=mocker.DEFAULT,
    )
    calls = mocker.Mock()
    for name, stand_in in cuda.items():
        calls.attach_mock(stand_in, name)
    when_the_gpu_is_there()
    in_order = [
        mocker.call.set_per_process_memory_fraction(0.8, 0),
        mocker.call.set_per_process_memory_fraction(0.8, 1),
        mocker.call.set_device(1),
    ]
    assert calls.mock_calls == in_order
    cuda["set_per_process_memory_fraction"].side_effect = RuntimeError("no device")
    when_the_gpu_is_there()
    assert calls.mock_calls[-1] == mocker.call.set_device(1)
    assert "could not be set: no device" in capfd.readouterr().err


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.5])
def test_a_nonsensical_fraction_is_one_line(
    torch: Any, monkeypatch: pytest.MonkeyPatch, capfd: Any, fraction: float
) -> None:
    from rdna_installer.runtime.conv import notices

    notices._said.clear()
    monkeypatch.setattr(torch.cuda, "_lazy_call", lambda *_: pytest.fail("queued"))
    assert conv.activate("native", memory_fraction=fraction, key="CPU")
    assert capfd.readouterr().err.count("\n") == 1


def test_a_torch_without_replaceable_kernels_still_gets_the_flag(
    torch: Any, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    from rdna_installer.runtime.conv import aten, notices

    notices._said.clear()
    monkeypatch.setattr(aten, "available", lambda: False)
    assert conv.activate("gemm", key="CPU") is False
    assert not torch.backends.cudnn.enabled
    assert "MIOpen is off, strategy gemm is not in force" in capfd.readouterr().err
    conv.deactivate()
