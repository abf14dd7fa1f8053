"""The half of the grader that runs inside the sandbox, next to the student's code.

Nothing in this package knows an expected value, a label or a check, and it imports nothing from the rest of
``autograder``: the sandbox mounts this folder alone.
"""
