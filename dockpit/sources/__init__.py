"""Sources of samples: the kernel's files and the engine's stats; and what is read of the machine itself."""
