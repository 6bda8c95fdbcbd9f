"""One answer for each question about AMD hardware and the programs on it; plan, check and diagnose ask here. Pure."""
