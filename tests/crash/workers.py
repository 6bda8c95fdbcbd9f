"""Jobs shared out over forked processes: each may fork and trace children of its own, which threads may not."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Sequence
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def share(work: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> list[Result]:
    """The results, in no particular order. Raises RuntimeError when a worker died."""
    answers, results, lost = [], [], 0
    for worker in range(workers):
        answer = tempfile.TemporaryFile()  # noqa: SIM115 - read after the worker has ended
        pid = os.fork()
        if pid == 0:
            try:
                answer.write(pickle.dumps([work(job) for job in jobs[worker::workers]]))
                answer.flush()
            except BaseException as err:
                answer.truncate(0)
                answer.write(pickle.dumps([repr(err)]))
                answer.flush()
                os._exit(1)
            os._exit(0)
        answers.append((pid, answer))
    for pid, answer in answers:
        lost += os.waitpid(pid, 0)[1] != 0
        with answer:
            answer.seek(0)
            results += pickle.loads(answer.read())
    if lost:
        raise RuntimeError(f"a worker died: {results[-lost:]}")
    return results
