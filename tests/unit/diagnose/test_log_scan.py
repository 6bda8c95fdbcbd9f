"""Logs as they come: glued, wrapped, coloured, quoted, in other encodings, cut anywhere; and hostile ones."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signature_samples import SAMPLES

from rdna_installer.diagnose.diagnose import order
from rdna_installer.diagnose.finding import Hit, Scanned
from rdna_installer.diagnose.prefilter import KINDS, PATIENCE, Lines, Phrases, kinds, prefilter
from rdna_installer.diagnose.scan import CHUNK, OVERLAP, scan
from rdna_installer.diagnose.situation import gfx_of
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.signatures import load_signatures

KNOWN = load_signatures(load_book().targets.targets)
FAULT = (
    "Memory access fault by GPU node-1 (Agent handle: 0x55ac) on address 0x7f95. "
    "Reason: Page not present or supervisor privilege."
)
APERTURE = "Callback: Queue 0x7f aborting with error : HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION: The agent attempted"


def look(*chunks: bytes) -> tuple[Hit, ...]:
    return order(scan(chunks, KNOWN))


def one(*chunks: bytes) -> tuple[str | None, int, str]:
    (hit,) = look(*chunks)
    return hit.signature.name, hit.line, hit.excerpt


def wrapped(text: str, width: int, mark: str = "") -> str:
    return "\n".join(mark + text[n : n + width] for n in range(0, len(text), width))


def quoted_printable(text: str) -> str:
    return "=\n".join(text.replace("=", "=3D")[n : n + 60] for n in range(0, len(text), 60)) + "=20\n"


AS_THEY_COME: dict[str, tuple[bytes, str, int]] = {
    "progress bar before": (f"a\n 0%|   | 0/20 [00:00<?, ?it/s]{FAULT}\n".encode(), "memory-access-fault", 2),
    "overwritten bar": (f"a\r 5%|█  |\r{FAULT}s]\r\nb\n".encode(), "memory-access-fault", 1),
    "wrapped at spaces": (FAULT.replace(" ", "\n").encode(), "memory-access-fault", 1),
    "wrapped as a comment": (("# " + FAULT.replace(" by ", "\n# by ")).encode(), "memory-access-fault", 1),
    "wrapped in a word": (wrapped("x\n" + APERTURE, 41).encode(), "memory-aperture-violation", 3),
    "quoted mail": (("> > " + FAULT.replace(" on ", "\n> > on ")).encode(), "memory-access-fault", 1),
    "quoted-printable": (quoted_printable(APERTURE).encode(), "memory-aperture-violation", 1),
    "coloured": (FAULT.replace("fault", "\x1b[01;31m\x1b[Kfault\x1b[m\x1b[K").encode(), "memory-access-fault", 1),
    "utf-16": (f"é\n{FAULT}\n".encode("utf-16"), "memory-access-fault", 2),
    "utf-16 without a mark": (f"a\n{FAULT}\n".encode("utf-16-le"), "memory-access-fault", 2),
    "utf-16-be without a mark": (f"a\n{FAULT}\n".encode("utf-16-be"), "memory-access-fault", 2),
    "utf-32": (f"a\n{FAULT}\n".encode("utf-32"), "memory-access-fault", 2),
    "latin-1": ("Violación de segmento (`core' generado)\nrocm\n".encode("latin-1"), "segfault", 1),
    "half latin-1, half UTF-8": ("é".encode("latin-1") + f"é\n{FAULT}".encode(), "memory-access-fault", 2),
    "padded with NULs": (b"\0" * 5000 + FAULT.encode() + b"\0" * 5000, "memory-access-fault", 1),
    "no final newline": (b"a\nb\n" + FAULT.encode(), "memory-access-fault", 3),
    "DOS line ends": (f"a\r\n{FAULT}\r\n".encode(), "memory-access-fault", 2),
    "Czech journal": (
        "kvě 25 19:29:48 HOST kernel: amdgpu: ring sdma0 timeout, signaled seq=309".encode(),
        "ring-timeout",
        1,
    ),
    "decimal comma": (
        b"[  +0,000005] amdgpu 0000:09:00.0: GPU fault detected: 146 0x03a0480c",
        "vm-context1-page-fault",
        1,
    ),
    "one line of a megabyte": (b"x " * 500_000 + FAULT.encode() + b" y" * 500_000, "memory-access-fault", 1),
}


@pytest.mark.parametrize(("log", "name", "line"), AS_THEY_COME.values(), ids=AS_THEY_COME)
def test_logs_as_they_come(log: bytes, name: str, line: int) -> None:
    found, at, shown = one(log)
    assert (found, at) == (name, line)
    assert len(shown) <= 360 and "\n" not in shown


def test_the_excerpt_is_the_message_unwrapped() -> None:
    assert one(FAULT.replace(" ", "\n").encode())[2] == FAULT
    assert one(f"50%|█████|\r{FAULT}\r60%|".encode())[2] == FAULT


@pytest.mark.parametrize("before", range(CHUNK - 300, CHUNK + 20, 37))
def test_a_message_may_be_cut_by_the_end_of_a_chunk(before: int) -> None:
    log = (b"plain line\n" * (CHUNK // 11 + 1))[: before - 1] + b"\n" + FAULT.encode() + b"\n"
    line = log.count(b"\n", 0, before) + 1
    assert one(*(log[n : n + CHUNK] for n in range(0, len(log), CHUNK)))[:2] == ("memory-access-fault", line)


@settings(max_examples=60)
@given(st.integers(1, 3000))
def test_it_does_not_matter_how_a_log_is_cut(size: int) -> None:
    log = b"noise, nothing else\n" * 50 + FAULT.encode() + b"\nnoise\n" * 50
    assert one(*(log[n : n + size] for n in range(0, len(log), size)))[:2] == ("memory-access-fault", 51)


def test_lines_are_counted() -> None:
    assert [scan([log], KNOWN).lines for log in (b"", b"a", b"a\n", b"a\nb", b"\n\n")] == [0, 1, 1, 2, 2]


def test_cause_first_noise_last() -> None:
    log = "\n".join(
        [
            "UserWarning: Attempting to use hipBLASLt on an unsupported architecture!",
            "HW Exception by GPU node-1 (Agent handle: 0x5) reason :GPU Hang",
            "[   12.900123] amdgpu: GPU reset begin!",
            "[   12.800123] amdgpu: ring gfx_0.0.0 timeout, signaled seq=1, emitted seq=2",
            "[    2.800123] amdgpu: [gfxhub] page fault (src_id:0 ring:24 vmid:8 pasid:32783)",
            FAULT,
        ]
    )
    assert [hit.signature.name for hit in look(log.encode())] == [
        "gcvm-l2-page-fault",
        "ring-timeout",
        "gpu-reset",
        "memory-access-fault",
        "hw-exception",
        "unsupported-arch-benign",
    ]


def test_the_target_is_the_one_of_the_message() -> None:
    """The list of files that follows names others."""
    log = "rocBLAS error: Cannot read /x/TensileLibrary.dat: No such file or directory for GPU arch : gfx1036\n"
    (hit,) = look((log + '"/x/TensileLibrary_lazy_gfx1030.dat"\n').encode())
    assert hit.gfx == "gfx1036"


def test_a_log_names_its_target_elsewhere() -> None:
    log = (
        "ggml_cuda_init: found 1 ROCm devices:\n  Device 0: Radeon 8060S Graphics, gfx1151 (0x1151), VMM: no\n" + FAULT
    )
    assert gfx_of(scan([log.encode()], KNOWN)) == "gfx1151"


def test_nothing_is_an_answer() -> None:
    assert look(b"all is well\n" * 10_000) == ()


def pieces() -> Iterator[bytes]:
    for texts in SAMPLES.values():
        for text in texts:
            yield text.encode()
            yield text.encode()[: len(text) // 2]
    yield from (b"\n", b"\r", b"=\n", b"\0", b"\x1b[", b"\x1b]8;;", b"> ", b"\xff\xfe", b" " * 300, b"a" * OVERLAP)


@settings(max_examples=150)
@given(st.lists(st.one_of(st.sampled_from(sorted(set(pieces()))), st.binary(max_size=200)), max_size=30))
def test_hostile_input_neither_raises_nor_hangs(parts: list[bytes]) -> None:
    begun = time.process_time()
    seen = scan(parts, KNOWN)
    hits = order(seen)
    assert time.process_time() - begun < 2.0
    assert isinstance(seen, Scanned)
    assert all(1 <= hit.line <= max(seen.lines, 1) and len(hit.excerpt) <= 360 for hit in hits)
    assert len({hit.signature.name for hit in hits}) == len(hits)


def glances(text: str) -> list[bytes]:
    return kinds(text.encode())


def test_a_kind_of_line_is_looked_through_once() -> None:
    phrases, lines = Phrases([prefilter(b"Memory access fault by GPU")]), Lines()
    wanted = {prefilter(b"Memory access fault by GPU")}
    assert lines.among(glances("step 1\nMemory access fault by GPU node-1\n"), phrases) == wanted
    assert lines.among(glances("step 2\nstep 3\n"), phrases) == set()
    assert lines.among(glances("step 4\nMemory access fault by GPU node-2\n"), phrases) == wanted
    assert len(lines.known) == len(set(glances("step 1\nMemory access fault by GPU node-1\n")))


def test_a_phrase_across_two_lines_is_seen() -> None:
    phrases = Phrases([prefilter(b"Memory access fault by GPU")])
    assert Lines().among(glances("Memory access\nfault by GPU node-1\n"), phrases)


def test_a_kind_of_line_that_never_is_a_failure_is_let_go() -> None:
    phrases, lines = Phrases([prefilter(b"Memory access fault by GPU")]), Lines()
    text = glances("Memory access fault by GPU is what I fear\n")
    assert all(lines.among(text, phrases) for _ in range(PATIENCE))
    lines.among(text, phrases)
    assert lines.among(text, phrases) == set()


def test_kinds_remembered_are_bounded() -> None:
    phrases, lines = Phrases([prefilter(b"Memory access fault by GPU")]), Lines()
    letters = "bcdfghjklmnpqrvwxyz"
    for number in range(0, 3 * KINDS, 100):
        text = "\n".join("".join(letters[n // 19**k % 19] for k in range(5)) for n in range(number, number + 100))
        lines.among(glances(text), phrases)
        assert len(lines.known) <= KINDS + 101
