"""What every widget draws with: styles of the theme, text in terminal cells, strips, bars."""
