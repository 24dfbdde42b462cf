"""``python -m liqmap.cli``."""

import sys

from liqmap.cli.main import main

sys.exit(main())
