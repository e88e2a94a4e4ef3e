"""Watches one engine: collects samples and events into a Snapshot, carries out plans."""
