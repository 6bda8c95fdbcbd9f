"""What is really in force: files, kernel, environment, hook, device."""
