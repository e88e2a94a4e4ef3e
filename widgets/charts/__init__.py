"""Time charts: braille curves, their widget and the zoomed chart with axes."""
