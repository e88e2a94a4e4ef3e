"""The terminal below Textual: its driver, diff output, and giving it to a shell in a container."""
