"""Figures: how each is derived from samples, named, formatted, sorted, filtered and exported."""
