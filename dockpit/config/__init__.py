"""Settings: one schema, defaults, file, environment and flags laid over each other."""
