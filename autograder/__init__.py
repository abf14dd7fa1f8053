"""Grade notebooks of a course on convolutional networks, with student code locked in a sandbox."""

__version__ = "1.0.0"
