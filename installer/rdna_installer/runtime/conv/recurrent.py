"""miopen_rnn and its gradient through PyTorch's own RNN kernels.

Only reached by callers that name the operation: with the flag off, nn.RNN, LSTM and GRU never do. The gradient runs
the forward again with autograd on, because the operation's contract leaves no room for PyTorch's intermediate results.
"""

from __future__ import annotations

import torch

_FUNCTIONS = ("rnn_relu", "rnn_tanh", "lstm", "gru")  # by miopenRNNMode_t
_LSTM = 2


def forward(
    x, weight, per_layer, hx, cx, mode, hidden, layers, batch_first, dropout, train, bidirectional, batch_sizes, state
):
    """(output, hy, cy, reserve, weight buffer); `reserve` keeps the random state that dropout used."""
    reserve = _random_state(x) if train and dropout else torch.empty(0, dtype=torch.uint8)
    kind = (mode, per_layer, layers, batch_first, dropout, train, bidirectional, batch_sizes)
    output, hy, cy = _run(x, weight, hx, cx, *kind)
    empty = torch.empty(0, dtype=x.dtype, device=x.device)
    return output, hy, empty if cy is None else cy, reserve, empty


def backward(
    x, weight, per_layer, buffer, hx, cx, output, grad_output, grad_hy, grad_cy, mode, hidden, layers, batch_first,
    dropout, train, bidirectional, batch_sizes, state, reserve, mask,
):  # fmt: skip
    """(d input, d hx, d cx, [d weight]); None or empty where masked."""
    kind = (mode, per_layer, layers, batch_first, dropout, train, bidirectional, batch_sizes)
    with torch.inference_mode(False), torch.enable_grad():
        leaves = [None if t is None else t.detach().clone().requires_grad_() for t in [x, hx, cx] + list(weight)]
        with _Replayed(x, reserve):
            results = _run(leaves[0], leaves[3:], leaves[1], leaves[2], *kind)
        pairs = [(r, g) for r, g in zip(results, (grad_output, grad_hy, grad_cy)) if r is not None and g is not None]
        inputs = [leaf for leaf in leaves if leaf is not None]
        found = iter(torch.autograd.grad([r for r, _ in pairs], inputs, [g for _, g in pairs], allow_unused=True))
    grads = [None if leaf is None else next(found) for leaf in leaves]
    kept = [grad if wanted else None for grad, wanted in zip(grads[:3], mask)]
    return kept[0], kept[1], kept[2], grads[3:] if mask[3] else [torch.empty(0) for _ in weight]


def _run(x, weight, hx, cx, mode, per_layer, layers, batch_first, dropout, train, bidirectional, batch_sizes):
    function = getattr(torch._VF, _FUNCTIONS[mode])
    state = (hx, cx) if mode == _LSTM else hx
    flags = (per_layer == 4, layers, dropout, train, bidirectional)
    if len(batch_sizes):
        sizes = torch.tensor(list(batch_sizes), dtype=torch.int64)
        results = function(x, sizes, state, list(weight), *flags)
    else:
        results = function(x, state, list(weight), *flags, batch_first)
    return results if mode == _LSTM else (results[0], results[1], None)


def _random_state(x):
    return torch.cuda.get_rng_state(x.device) if x.is_cuda else torch.get_rng_state()


class _Replayed:
    """Dropout draws the same masks again, and the generator goes on as if it had not."""

    def __init__(self, x, state):
        self.x, self.state, self.now = x, state, None

    def __enter__(self):
        if self.state.numel():
            self.now = _random_state(self.x)
            self._set(self.state)

    def __exit__(self, *_):
        if self.now is not None:
            self._set(self.now)

    def _set(self, state):
        if self.x.is_cuda:
            torch.cuda.set_rng_state(state.cpu(), self.x.device)
        else:
            torch.set_rng_state(state)
