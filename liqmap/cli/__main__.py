"""``python -m liqmap.cli``."""

import sys

from .main import main

sys.exit(main())
