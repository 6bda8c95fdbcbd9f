"""The commands, one story a file; app.py holds the one error handler."""
