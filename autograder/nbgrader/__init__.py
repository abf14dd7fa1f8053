"""What nbgrader is told to use instead of its own parts, through ``nbgrader_config.py`` alone.

- `hooks`: after ``generate_assignment``, keep back what students must not get
"""
