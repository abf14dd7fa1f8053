"""Ejecuta las comprobaciones públicas de esta práctica: ``python .github/grader``."""

import sys
from pathlib import Path

from autograder.github.push import main

sys.exit(main(Path(__file__).resolve().parent))
