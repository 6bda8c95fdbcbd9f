"""Plans of `gemm`: for each shape, which of its operations are our matrix products, and the programs made for them."""

from __future__ import annotations

import torch

from . import costs, notices
from .geometry import geometry_of, pixels

HUGE = 4  # times the cap: columns of one sample, which PyTorch's kernels make whole, to be avoided for memory alone
_NAMES = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}
_PLANS = 4096  # shapes remembered
_PROGRAMS = 256  # programs of one shape, one for each layout that came


class Plan:
    """One shape's decisions: which operations we do ourselves (none: the rest means nothing), and how."""

    __slots__ = ("backward", "forward", "geometry", "image", "outputs", "programs", "weight")

    def __init__(self, wins=(False, False, False), geometry=None, outputs=()):
        self.forward, self.image, self.weight = wins
        self.backward = self.image or self.weight
        self.geometry, self.outputs = geometry, outputs
        self.programs = {}

    def program(self, key, make):
        """What `make` returns, remembered for `key`."""
        program = self.programs.get(key)
        if program is None:
            if len(self.programs) >= _PROGRAMS:
                self.programs.clear()
            program = self.programs[key] = make()
        return program


class Plans:
    """The plans made so far, and the cost model of each device (or `model` for all: tests, measurements)."""

    def __init__(self, cap_bytes, model=None):
        self._cap_bytes = cap_bytes
        self._only_model = model
        self._models = {}
        self._plans = {}

    def of(self, x, w, stride, padding, dilation, transposed, output_padding, groups):
        """The plan of a call of `aten::_convolution`."""
        # None where a list ends: lists of one number stand for longer ones.
        key = (
            x.shape, w.shape, x.dtype, x.get_device(), transposed, groups,
            *stride, None, *padding, None, *dilation, None, *output_padding,
        )  # fmt: skip
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            options = (stride, padding, dilation, transposed, output_padding, groups)
            plan = self._plans[key] = self._decide(x, w, options)
        return plan

    def _decide(self, x, w, options):
        geometry = geometry_of(x.shape, w.shape, *options) if x.dtype in _NAMES else None
        transposed = options[3]
        if geometry is None or (not transposed and geometry.groups > 1 and geometry.image_channels == geometry.groups):
            return _LEAVE  # unusual, or depthwise, for which PyTorch has a kernel of its own
        model, dtype = self._model(x.device), _NAMES[x.dtype]
        columns = geometry.image_channels * pixels(geometry.kernel) * pixels(geometry.features) * x.element_size()
        if columns // geometry.groups > HUGE * self._cap_bytes:
            model = costs.Always()
        towards, back = (costs.IMAGE, costs.FORWARD) if transposed else (costs.FORWARD, costs.IMAGE)
        uses = ((towards, False), (back, True), (costs.WEIGHT, True))
        wins = [model.prefers_gemm(geometry, operation, dtype, backward) for operation, backward in uses]
        outputs = (geometry.image_channels if transposed else geometry.feature_channels,)
        return Plan(wins, geometry, outputs) if any(wins) else _LEAVE

    def _model(self, device):
        if self._only_model is not None:
            return self._only_model
        if device not in self._models:
            self._models[device] = _load_model(device)
        return self._models[device]


_LEAVE = Plan()


def _load_model(device):
    properties = torch.cuda.get_device_properties(device)
    kind = "hip" if torch.version.hip else "cuda"
    try:
        return costs.load(kind, properties.name, properties.multi_processor_count)
    except ValueError as problem:
        notices.once("costs", "unusable cost model, choosing carefully instead: %s" % problem)
        return costs.Sure(properties.multi_processor_count)
