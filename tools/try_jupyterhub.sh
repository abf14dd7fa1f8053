#!/bin/sh
# Installs JupyterHub into .venv and its proxy into .venv/share/proxy, beside the grader's libraries, and runs the test of
# docs/jupyterhub.md. As root, because a hub starts servers for several accounts.
set -eu
cd "$(dirname "$0")/.."

command -v npm >/dev/null || { echo "expected npm, which installs the proxy. Try: apt-get install npm" >&2; exit 1; }
make setup
pins=$(mktemp)
trap 'rm -f "$pins"' EXIT
# Without hashes: pip would ask for those of JupyterHub, too.
sed -n 's/^\([a-z0-9._-]*==[^\\]*\).*/\1/p' requirements.txt >"$pins"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint "$pins" jupyterhub
npm install --silent --prefix .venv/share/proxy configurable-http-proxy
PATH="$PWD/.venv/share/proxy/node_modules/.bin:$PATH" \
  .venv/bin/python -m pytest -m slow -rs tests/autograder/nbgrader/test_jupyterhub.py
