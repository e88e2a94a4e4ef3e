"""Signals: samples in, judgements out; pure, and measured by the samples' own times."""
