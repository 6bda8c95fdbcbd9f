"""`torch.backends.cudnn.enabled`, which on ROCm means MIOpen: kept off whoever switches it on again."""

from __future__ import annotations

import os

import torch

from . import notices

_originals = {}


def allowed():
    """Whether the user said that MIOpen may be switched on again."""
    return os.environ.get("RDNA_ALLOW_MIOPEN", "0") == "1"


def keep_off():
    """Switch MIOpen off and refuse, with one warning, to switch it on from Python."""
    _originals.setdefault("set", torch._C._set_cudnn_enabled)
    _originals.setdefault("before", torch._C._get_cudnn_enabled())
    _originals["set"](False)
    _install(_guarded)


def restore():
    """Undo `keep_off`, back to the state found."""
    if _originals:
        _install(_originals["set"])
        _originals["set"](_originals["before"])
        _originals.clear()


def user_wants_miopen():
    """Whether the flag is on now. If it got on past our guard (from C++) and may not be, it is switched off again."""
    if not torch._C._get_cudnn_enabled():
        return False
    if allowed():
        return True
    _guarded(True)
    return False


def _guarded(value):
    if value and not allowed():
        notices.once(
            "flag",
            "torch.backends.cudnn.enabled = True would bring back MIOpen, whose kernels crash on this card; kept off "
            "(RDNA_ALLOW_MIOPEN=1 allows it)",
        )
        value = False
    _originals["set"](value)


def _install(setter):
    torch._C._set_cudnn_enabled = setter
    prop = vars(type(torch.backends.cudnn)).get("enabled")
    if hasattr(prop, "setter"):
        prop.setter = setter
