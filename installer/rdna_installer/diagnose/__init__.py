"""Read a log as a stream, find what is known in it, order it by cause, and say what to do on this machine. Pure."""
