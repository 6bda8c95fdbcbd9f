"""The dispatcher operations that would reach MIOpen without asking for the flag, expressed through safe ones.

Traces bake the flag in, graph passes fuse straight to miopen_* operations, C++ callers name them: each gets an answer.
`conv` is the strategy's forward. Signatures are those of native_functions.yaml. miopen_rnn is only reached by callers
that name it: with the flag off, nn.RNN, LSTM and GRU never do. Its gradient runs the forward again with autograd on,
because the operation's contract leaves no room for PyTorch's intermediate results.
"""

from __future__ import annotations

import contextlib

import torch

_FUNCTIONS = ("rnn_relu", "rnn_tanh", "lstm", "gru")  # by miopenRNNMode_t
_LSTM = 2


def table(conv):
    """{operation: function} for every operation this torch may have; absent ones are skipped when registering."""

    def plain(x, w, bias, padding, stride, dilation, groups, benchmark, deterministic):
        return conv(x, w, bias, stride, padding, dilation, False, [0] * len(padding), groups, deterministic)

    def transposed(x, w, bias, padding, output_padding, stride, dilation, groups, benchmark, deterministic):
        return conv(x, w, bias, stride, padding, dilation, True, output_padding, groups, deterministic)

    def relu(x, w, bias, stride, padding, dilation, groups):
        return conv(x, w, bias, stride, padding, dilation, False, [0] * len(padding), groups).relu_()

    def add_relu(x, w, z, alpha, bias, stride, padding, dilation, groups):
        out = conv(x, w, bias, stride, padding, dilation, False, [0] * len(padding), groups)
        return out.add_(z, alpha=1 if alpha is None else alpha).relu_()

    return {
        "miopen_convolution": plain,
        "miopen_depthwise_convolution": plain,
        "miopen_convolution_transpose": transposed,
        **dict.fromkeys(("miopen_convolution_relu", "cudnn_convolution_relu"), relu),
        **dict.fromkeys(("miopen_convolution_add_relu", "cudnn_convolution_add_relu"), add_relu),
        "miopen_batch_norm": _batch_norm,
        "miopen_batch_norm_backward": _batch_norm_backward,
        "miopen_rnn": _rnn,
        "miopen_rnn_backward": _rnn_backward,
        **dict.fromkeys(("_use_miopen_ctc_loss", "_use_miopen_ctc_loss.Tensor"), lambda *_: False),
        **dict.fromkeys(("miopen_ctc_loss", "miopen_ctc_loss.Tensor"), _ctc_loss),
    }


def _batch_norm(*arguments):
    return torch.ops.aten.native_batch_norm(*arguments)


def _batch_norm_backward(x, grad, weight, running_mean, running_var, save_mean, save_var, epsilon):
    return torch.ops.aten.native_batch_norm_backward(
        grad, x, weight, running_mean, running_var, save_mean, save_var, True, epsilon, [True, True, True]
    )


def _ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, deterministic, zero_infinity):
    """The loss and, as the second result, its gradient: what the vendor kernels return."""
    given = (input_lengths, target_lengths)
    lengths = [values.tolist() if isinstance(values, torch.Tensor) else values for values in given]
    loss, alpha = torch.ops.aten._ctc_loss(log_probs, targets, *lengths, blank, zero_infinity)
    gradient = torch.ops.aten._ctc_loss_backward(
        torch.ones_like(loss), log_probs, targets, *lengths, loss, alpha, blank, zero_infinity
    )
    return loss, gradient


def _rnn(
    x, weight, per_layer, hx, cx, mode, hidden, layers, batch_first, dropout, train, bidirectional, batch_sizes, state
):
    """(output, hy, cy, reserve, weight buffer); `reserve` keeps the random state that dropout used."""
    reserve = torch.empty(0, dtype=torch.uint8)
    if train and dropout:
        reserve = torch.cuda.get_rng_state(x.device) if x.is_cuda else torch.get_rng_state()
    kind = (mode, per_layer, layers, batch_first, dropout, train, bidirectional, batch_sizes)
    output, hy, cy = _run(x, weight, hx, cx, *kind)
    empty = torch.empty(0, dtype=x.dtype, device=x.device)
    return output, hy, empty if cy is None else cy, reserve, empty


def _rnn_backward(
    x, weight, per_layer, buffer, hx, cx, output, grad_output, grad_hy, grad_cy, mode, hidden, layers, batch_first,
    dropout, train, bidirectional, batch_sizes, state, reserve, mask,
):  # fmt: skip
    """(d input, d hx, d cx, [d weight]); None or empty where masked."""
    kind = (mode, per_layer, layers, batch_first, dropout, train, bidirectional, batch_sizes)
    with torch.inference_mode(False), torch.enable_grad():
        leaves = [None if t is None else t.detach().clone().requires_grad_() for t in [x, hx, cx] + list(weight)]
        with _replayed(x, reserve):
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


@contextlib.contextmanager
def _replayed(x, state):
    """Dropout draws the same masks again, and the generator goes on as if it had not."""
    if not state.numel():
        yield
        return
    with torch.random.fork_rng([x.device] if x.is_cuda else []):
        if x.is_cuda:
            torch.cuda.set_rng_state(state.cpu(), x.device)
        else:
            torch.set_rng_state(state)
        yield
