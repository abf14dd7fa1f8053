"""Autograder of Classroom 50: makes an environment for the program beside it, and runs that on the student's checkout.

Classroom 50 starts this file in the checkout and reads ``result.json`` and ``release-body.md`` from there.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESTRICTION = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


def main() -> int:
    """Return 0 if the checks ran, whatever they said."""
    if RESTRICTION.exists() and RESTRICTION.read_text().strip() != "0":
        # Ubuntu 24.04 keeps programs from creating the namespaces of the sandbox.
        subprocess.run(
            ["sudo", "-n", "sysctl", "--write", "kernel.apparmor_restrict_unprivileged_userns=0"], check=False
        )
    environment = Path(os.environ.get("RUNNER_TEMP") or tempfile.gettempdir()) / "venv-cnn"
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(HERE / "requirements.txt")], check=True)
    return subprocess.run([str(python), str(HERE / "grader")], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
