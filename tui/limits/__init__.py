"""Changing the limits of a container."""
