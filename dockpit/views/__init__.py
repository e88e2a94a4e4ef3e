"""View models of plain values made from a Snapshot, one pure function per screen."""
