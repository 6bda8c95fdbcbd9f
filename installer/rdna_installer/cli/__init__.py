"""One file per command; app.py holds the one error handler."""
