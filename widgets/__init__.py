"""Reusable Textual widgets that know plain values only.

tables/   live table        charts/   time charts        logs/  log view
lists/    event list, progress list, JSON tree           text/  one-line widgets, wrapped text
dialogs/  confirmation, form                             drawing/  styles, strips, bars; used by all others
"""
