"""The standard streams, whatever the caller made of them: a closed one, or a locale that has no word for a name."""

from __future__ import annotations

import codecs
import io
import os
import sys


def prepare_streams() -> None:
    """To be called once, before anything is opened or said.

    A closed stream becomes /dev/null, so that no file of ours gets its number. What a stream's encoding cannot say
    (a file name's undecodable bytes, any letter under ``LC_ALL=C``) is escaped visibly instead of failing. What comes
    out is UTF-8 whatever the locale: another encoding gets the part of it that is ASCII.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            utf8 = codecs.lookup(stream.encoding).name == "utf-8"
            stream.reconfigure(encoding="utf-8" if utf8 else "ascii", errors="backslashreplace")
