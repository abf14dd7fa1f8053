"""What everybody's nbgrader on this JupyterHub knows, students' included: for /etc/jupyter/nbgrader_config.py."""

c = get_config()  # noqa: F821  nbgrader defines it

c.CourseDirectory.course_id = "cnn"
c.Exchange.root = "/srv/nbgrader/exchange"
