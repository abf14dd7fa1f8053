#!/bin/sh
# Starts the grader in a container: on macOS, and wherever there is Docker or Podman but no sandbox.
#   sh tools/start.sh                             grades the sample class
#   sh tools/start.sh grade submitted/            any command of `python -m autograder`
#   sh tools/start.sh lab                         JupyterLab with nbgrader's formgrader on port 8888
# Says what is missing and how to get it. docs/machines.md has the rest; tools/start.ps1 is the same for Windows.
set -eu
cd "$(dirname "$0")/.."

missing() {
  echo "Missing: $1" >&2
  echo "What to do: $2" >&2
  exit 1
}

engine=
for name in docker podman; do
  if command -v "$name" >/dev/null 2>&1; then engine=$name && break; fi
done
[ -n "$engine" ] || missing "a program that runs containers" \
  "install Docker Desktop, OrbStack or Podman Desktop (macOS: brew install --cask docker), open it once, and run this again."
"$engine" info >/dev/null 2>&1 || missing "$engine is installed but not running" \
  "open Docker Desktop (or run: $engine machine start), wait until it says it is running, and run this again."
"$engine" compose version >/dev/null 2>&1 || missing "the compose plugin of $engine" \
  "update Docker Desktop, or install docker-compose (Debian, Ubuntu: apt install docker-compose-v2; Podman: pip install podman-compose)."

if ! "$engine" image inspect cnn-course >/dev/null 2>&1; then
  echo "Building the image (once, a few minutes: TensorFlow is large) ..."
  "$engine" compose build grader
fi
if [ "${1:-}" = lab ]; then
  exec "$engine" compose --profile lab run --rm --service-ports lab
fi
exec "$engine" compose run --rm grader "$@"
