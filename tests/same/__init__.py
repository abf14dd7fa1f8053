"""The same points everywhere: the sample class, graded in every way that there is and on every Python that is here.

``make same`` runs all of it (``python -m tests.same --help``); continuous integration runs a sample.
"""
