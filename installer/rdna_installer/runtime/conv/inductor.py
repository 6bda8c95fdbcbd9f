"""A cache of compiled graphs for each strategy.

Strides of convolution results are baked into what Inductor keeps there, and its key does not know the strategy.
"""

from __future__ import annotations

import os

VARIABLE = "TORCHINDUCTOR_CACHE_DIR"  # torch reads it when it first compiles
OURS = "rdna-conv-"


def separate(strategy):
    """Let torch keep what it compiles from now on in a folder of the strategy's own, below the one it would use."""
    given = os.environ.get(VARIABLE)
    if given and os.path.basename(given).startswith(OURS):
        given = os.path.dirname(given)
    base = given or _default()
    if strategy != "native":
        os.environ[VARIABLE] = os.path.join(base, OURS + strategy)
    elif given:
        os.environ[VARIABLE] = base


def _default():
    """Where torch keeps it when nothing is said."""
    import getpass
    import re
    import tempfile

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    return os.path.join(tempfile.gettempdir(), "torchinductor_" + re.sub(r'[\\/:*?"<>|]', "_", user))
