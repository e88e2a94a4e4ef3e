"""The screen of one container and its tabs."""
