"""The log view: its buffer, filter, search and the text of a line."""
