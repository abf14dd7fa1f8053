"""The hostile class: what may be handed in, done to the grader's inputs, and to a run, by whoever wishes it ill.

``make redteam`` runs all of it (``python -m tests.redteam --help``); continuous integration runs a sample.
"""
