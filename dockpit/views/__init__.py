"""A Snapshot as view models of plain values, one pure function a screen."""
