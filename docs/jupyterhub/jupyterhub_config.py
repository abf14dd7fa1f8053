"""JupyterHub for one class: a server for each person, and the course as a service that its teachers share.

For /etc/jupyterhub/jupyterhub_config.py; docs/jupyterhub.md has the steps. Change the four names.
"""

import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub defines it

COURSE = "cnn"  # as in nbgrader_config.py, and the name of the service
TEACHERS = ["docente"]
STUDENTS = ["ana", "beto"]
ACCOUNT = "grader-cnn"  # owns the repository, the exchange and the gradebook; nobody logs in as this account

# The environment in which requirements.txt and jupyterhub are installed, for everybody's server and the service.
singleuser = str(Path(sys.executable).with_name("jupyterhub-singleuser"))

c.Authenticator.allowed_users = {*TEACHERS, *STUDENTS}
c.Spawner.cmd = [singleuser]

# The names of both groups are nbgrader's. Only teachers reach the formgrader.
c.JupyterHub.load_groups = {f"formgrade-{COURSE}": {"users": TEACHERS}, f"nbgrader-{COURSE}": {"users": STUDENTS}}
c.JupyterHub.load_roles = [
    {
        "name": f"formgrade-{COURSE}",
        "groups": [f"formgrade-{COURSE}"],
        "scopes": [f"access:services!service={COURSE}", "list:services", f"read:services!service={COURSE}"],
    },
]
c.JupyterHub.services = [
    {
        "name": COURSE,
        "url": "http://127.0.0.1:9999",
        "command": [singleuser],
        "user": ACCOUNT,
        # The repository: its nbgrader_config.py makes autograde use the sandbox.
        "cwd": str(Path(f"~{ACCOUNT}/cnn-course").expanduser()),
        "environment": {"JUPYTERHUB_DEFAULT_URL": "/lab"},
    }
]
