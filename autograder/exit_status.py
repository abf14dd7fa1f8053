"""What the exit status of a command says."""

DONE = 0
FOUND = 1
"""A check of the repository, or a comparison, found something."""
USAGE_ERROR = 2
NO_GRADE = 3
"""Some submission got no grade."""
INTERRUPTED = 130
