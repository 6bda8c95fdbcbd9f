"""The stages wired together: detect, resolve, render, plan, commit, verify. Prints nothing."""
