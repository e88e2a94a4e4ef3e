"""What dockpit costs, measured beside docker stats; figures are printed, never asserted."""
