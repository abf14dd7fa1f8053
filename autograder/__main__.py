"""``python -m autograder``."""

import sys

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)
from autograder.cli import main
from autograder.commands.screen import make_lasting

if __name__ == "__main__":
    make_lasting()
    sys.exit(main())
