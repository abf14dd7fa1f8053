"""Importing this module first spares a process 1.5 s of CPU time.

``jsonschema``, which reads notebooks' schemas, imports ``rfc3987_syntax`` where it is installed, and that compiles a
grammar for internationalised addresses, a format that no notebook's schema mentions. Here it counts as not installed.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
