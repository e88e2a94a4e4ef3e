"""Settings: one schema; the configuration is loaded from defaults, file, environment and flags."""
