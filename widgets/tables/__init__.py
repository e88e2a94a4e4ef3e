"""The live table: columns, rows, cursor and the cache of drawn lines."""
