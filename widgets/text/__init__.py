"""One-line widgets and wrapped text."""
