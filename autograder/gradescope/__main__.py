"""``python -m autograder.gradescope ROOT``: what ``run_autograder`` runs."""

import sys

from autograder.gradescope.run import main

if __name__ == "__main__":
    sys.exit(main())
