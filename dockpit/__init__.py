"""dockpit: a cockpit for containers in the terminal."""

__version__ = "0.2.0"
