"""When the screen is redrawn, and from what."""
