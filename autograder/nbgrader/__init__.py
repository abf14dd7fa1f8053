"""What nbgrader is told to use instead of its own parts, through ``nbgrader_config.py`` alone.

- `hooks`: after ``generate_assignment``, keep back what students must not get
- `exporter`, `preprocessors`: the autograde step, `results`: where it gets points and outputs from
- `shown`, `display`: the autograded notebook, without anything that could run in the instructor's browser
- `gradebook`: the same for a class that ``python -m autograder grade --gradebook`` has graded
- `kernel`: the checks in the student's own kernel, for servers without the sandbox
"""
