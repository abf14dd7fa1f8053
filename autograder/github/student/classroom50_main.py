"""Ejecuta las comprobaciones públicas de esta práctica: como autocorrector de Classroom 50."""

import sys
from pathlib import Path

from autograder.github.classroom50 import main

sys.exit(main(Path(__file__).resolve().parent))
