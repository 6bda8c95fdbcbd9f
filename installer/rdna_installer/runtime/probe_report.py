"""What the children of ``probe`` share: a report that outlives them, and an end with their parent."""

import json
import os


class ReportPipe:
    """Lines into a file the parent reads: written at once, so that they outlive this process."""

    def __init__(self, fd):
        self.fd = fd

    def say(self, **fields):
        """One line."""
        line = (json.dumps(fields) + "\n").encode()
        while line:
            line = line[os.write(self.fd, line) :]


def line_of(problem):
    """An exception in one line."""
    return ("%s: %s" % (type(problem).__name__, " ".join(str(problem).split())))[:300]


def die_with_the_parent():
    """No core dumps, and no child left computing when the probe is gone."""
    try:
        import ctypes
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except Exception:
        return  # not Linux, or no ctypes: nothing is lost
