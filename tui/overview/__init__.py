"""The overview of all containers."""
