"""What a probe asks and what it finds. Operations are those of runtime/probe_ops.py, by name."""

from __future__ import annotations

import enum

from rdna_installer.record import record

STRATEGIES = ("native", "no-miopen", "gemm", "cpu")  # by number of operations replaced


class OpKind(enum.Enum):
    """What kind of operation; a BASIC one that fails says that no convolution can work."""

    BASIC = "basic"
    CONVOLUTION = "convolution"
    LAYER = "layer"


class OpOutcome(enum.Enum):
    """How one operation went."""

    OK = "ok"
    WRONG = "wrong"  # another result than the CPU's
    RAISED = "raised"  # an exception: the process lives
    ABORTED = "aborted"
    HUNG = "hung"
    NOT_TRIED = "not tried"


@record(frozen=True)
class ProbeOp:
    """One operation. A strategy without a ``required`` one is no use."""

    name: str
    group: OpKind
    required: bool = True


@record(frozen=True)
class Result:
    """``ms``: milliseconds of the fastest repetition; ``worst``: largest error relative to the largest value."""

    op: str
    outcome: OpOutcome
    ms: float | None = None
    worst: float | None = None
    note: str = ""


@record(frozen=True)
class Variables:
    """A set of variables to try strategies with. ``rule``: the experiment it is of, None for what is set anyway."""

    name: str
    values: tuple[tuple[str, str], ...] = ()
    rule: str | None = None
    strategies: tuple[str, ...] = STRATEGIES


@record(frozen=True)
class StrategyRun:
    """One strategy with one set of variables; ``notes`` are faults and what the kernel said of them."""

    variables: str
    strategy: str
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def faults(self) -> int:
        """Operations that ended or stopped their process."""
        return sum(r.outcome in (OpOutcome.ABORTED, OpOutcome.HUNG) for r in self.results)


@record(frozen=True)
class Identity:
    """The machine and software a result holds for; anything else makes it stale."""

    gpus: tuple[str, ...]  # "gfx1010 0000:03:00.0"; () for a probe of the CPU
    kernel: str
    torch: str
    rocm: str | None
    python: str  # the interpreter's path
    version: str  # of this program: strategies change


@record(frozen=True)
class Costs:
    """The cost model of ``gemm`` fitted to this card, the text of a file; ``note``: how well, or why there is none."""

    model: str | None
    note: str


@record(frozen=True)
class Probed:
    """All that was found, in the order tried. ``stopped``: why not all of it was tried."""

    identity: Identity
    time: str
    sets: tuple[Variables, ...]
    trials: tuple[StrategyRun, ...]
    stopped: str | None = None
    running: tuple[str, str] | None = None  # set and strategy under way: what a machine that went down was doing
    costs: Costs | None = None  # None: not tried
    driver: Result | None = None  # of MIOpen's own test program; None: there is none, or it was not tried


C, L = OpKind.CONVOLUTION, OpKind.LAYER
OPS = (
    ProbeOp("copy", OpKind.BASIC),
    ProbeOp("add", OpKind.BASIC),
    ProbeOp("mm f32", OpKind.BASIC),
    ProbeOp("mm f16", OpKind.BASIC, required=False),
    ProbeOp("bmm f32", OpKind.BASIC),
    ProbeOp("layer norm", OpKind.BASIC),
    ProbeOp("conv2d 3>16 32x32", C),
    ProbeOp("conv1d f32", C),
    ProbeOp("conv2d f32", C),
    ProbeOp("conv3d f32", C),
    ProbeOp("conv2d 1x1", C),
    ProbeOp("conv2d grouped", C),
    ProbeOp("conv2d depthwise", C),
    ProbeOp("conv2d dilated", C),
    ProbeOp("conv2d channels last", C),
    ProbeOp("conv transpose 2d", C),
    ProbeOp("conv1d backward", C),
    ProbeOp("conv2d backward", C),
    ProbeOp("conv3d backward", C),
    ProbeOp("conv2d grouped backward", C),
    ProbeOp("conv transpose 2d backward", C),
    ProbeOp("conv2d double backward", C),
    ProbeOp("conv2d f16", C, required=False),
    ProbeOp("conv2d f16 backward", C, required=False),
    ProbeOp("conv2d bf16", C, required=False),
    ProbeOp("conv2d 64x56x56 batch 32", C),
    ProbeOp("conv2d 64x56x56 batch 32 backward", C),
    ProbeOp("batch norm", L),
    ProbeOp("lstm", L),
    ProbeOp("gru", L),
    ProbeOp("cnn training", L),
)
SANITY = ("copy", "mm f32")  # whether the GPU still computes after a fault
