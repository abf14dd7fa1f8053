"""``python -m autograder``."""

import sys

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)
from autograder.cli import main

if __name__ == "__main__":
    sys.exit(main())
