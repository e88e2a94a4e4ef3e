"""A debug container in the network of another one: the launcher, and recipes whose output is read for the user."""
