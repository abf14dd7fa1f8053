"""Makes pytest a door to the checks: ``pytest tests/checks/02_convolucion --submission PATH`` (docs/writing-checks.md).

The grader does not read this file.
"""

from autograder.grading.door import *  # noqa: F403
