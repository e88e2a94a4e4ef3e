"""Tuning: what may be changed, what a change would do, the command it stands for, and the way back; pure."""
