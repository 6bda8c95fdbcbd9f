"""Feed everything we parse with spoilt inputs, many.

    python tests/fuzz/run.py [--inputs N] [TARGET…]

N inputs for each target (default 20,000). With atheris installed (`pip install atheris`) it is guided by coverage, else
inputs are mutated blindly. A failing input is written to tests/fuzz/cases/TARGET/, where the tests try it from then on;
exit 1 then.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from random import Random

SECONDS = 1.0  # of processor time for one input
SEED = 20240521

try:
    import atheris
except ImportError:
    atheris = None
if atheris is not None:
    with atheris.instrument_imports(include=["rdna_installer"]):
        import targets
else:
    import targets
from mutate import mutate  # noqa: E402 - atheris must see the import of what it is to instrument

from rdna_installer.errors import RdnaError  # noqa: E402


def problem(target: targets.Target, data: bytes) -> str | None:
    """What is wrong with how ``data`` was taken, None when nothing is."""
    start = time.process_time()
    try:
        target.run(data)
    except RdnaError:
        pass
    except Exception:
        return traceback.format_exc()
    spent = time.process_time() - start
    return f"took {spent:.1f} s" if spent > SECONDS else None


def keep(name: str, data: bytes, why: str) -> None:
    """Keep a failing input as a case."""
    place = targets.CASES / name / hashlib.sha256(data).hexdigest()[:16]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    print(f"{name}: {place}\n{why[-1500:]}", flush=True)


def blind(name: str, inputs: int) -> int:
    """Mutations by chance."""
    target, chance, seen = targets.TARGETS[name], Random(SEED), set()
    for _ in range(inputs):
        data = mutate(target.seeds, target.words, chance)
        why = problem(target, data)
        if why and why.splitlines()[-3:] not in [list(s) for s in seen]:
            seen.add(tuple(why.splitlines()[-3:]))
            keep(name, data, why)
    return 1 if seen else 0


def guided(name: str, inputs: int) -> None:
    """Coverage-guided; does not return (libFuzzer ends the process)."""
    target = targets.TARGETS[name]
    folder = Path(tempfile.mkdtemp(prefix="rdna-fuzz-"))
    for number, seed in enumerate(target.seeds):
        (folder / str(number)).write_bytes(seed)
    words = ["".join(f"\\x{byte:02x}" for byte in word) for word in target.words if len(word) < 60]
    (folder.parent / f"{folder.name}.dict").write_text("".join(f'"{word}"\n' for word in words))

    def one(data: bytes) -> None:
        if why := problem(target, data):
            keep(name, data, why)
            os._exit(1)

    flags = [f"-runs={inputs}", "-max_len=4096", f"-seed={SEED}", "-verbosity=0", f"-dict={folder}.dict", str(folder)]
    atheris.Setup([sys.argv[0], *flags], one)
    atheris.Fuzz()


def main() -> int:
    """The script: one process for each target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20000)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", default=list(targets.TARGETS))
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.one:
        if atheris is None:
            return blind(chosen.targets[0], chosen.inputs)
        guided(chosen.targets[0], chosen.inputs)
    bad = []
    for name in chosen.targets:
        start = time.monotonic()
        command = [sys.executable, __file__, "--one", "--inputs", str(chosen.inputs), name]
        # libFuzzer ends its process without cleaning up.
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
            code = subprocess.run(command, env={**os.environ, "TMPDIR": work}, check=False).returncode
        how = "blind" if atheris is None else "guided"
        print(f"{name}: {chosen.inputs} inputs ({how}), {time.monotonic() - start:.0f} s, exit {code}", flush=True)
        bad += [name] if code else []
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
