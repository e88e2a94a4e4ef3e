"""Signals: pure functions from samples to the condition of one container; all times are those of the samples."""
