"""``python -m liqmap`` is the command line."""

import sys

from liqmap.cli import main

sys.exit(main())
