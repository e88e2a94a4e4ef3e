"""dockpit's own process: clock, log, crash report, redaction, garbage collection, overhead."""
