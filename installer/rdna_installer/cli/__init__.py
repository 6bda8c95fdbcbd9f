"""The commands, one story a file; app.py holds the one error handler. A short life needs no search for cycles."""

import atexit
import gc

gc.set_threshold(50_000)
atexit.register(gc.freeze)
