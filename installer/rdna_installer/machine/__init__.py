"""The only floor that touches the machine: reading below a root, durable writing, child processes."""
