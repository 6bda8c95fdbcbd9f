"""Convolution strategies on a CPU build of torch: the same overrides, registered on dispatch key CPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rdna_installer.runtime import conv
from rdna_installer.runtime.conv import costs


@pytest.fixture(scope="session")
def torch() -> Any:
    try:
        import torch
    except ImportError:
        pytest.skip("torch is not installed here: convolution strategies not tested (pip install torch)")
    torch.set_num_threads(1)
    return torch


@pytest.fixture
def activate(torch: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Put a strategy in force on dispatch key CPU, gemm for every shape; everything is given back afterwards."""
    from rdna_installer.runtime.conv import notices

    def put(strategy: str, **options: Any) -> Any:
        assert conv.activate(strategy, key="CPU", **{"model": costs.Always(), **options})
        return conv.current()

    notices._said.clear()
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", os.environ.get("TORCHINDUCTOR_CACHE_DIR", ""))  # put back afterwards
    yield put
    conv.deactivate()
    notices._said.clear()
    notices.explain_with(None)


@pytest.fixture
def ours(torch: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which of our own operations were compiled, in order: proof that a test did not run PyTorch's kernels."""
    from rdna_installer.runtime.conv import gemm

    seen: list[str] = []
    for name in ("correlate", "adjoint", "weight_gradient"):
        original = getattr(gemm, name)

        def spy(*arguments: Any, _name: str = name, _original: Callable[..., Any] = original) -> Any:
            seen.append(_name)
            return _original(*arguments)

        monkeypatch.setattr(gemm, name, spy)
    return seen
