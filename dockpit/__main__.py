"""`python -m dockpit` is dockpit."""

from __future__ import annotations

import sys

from dockpit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
