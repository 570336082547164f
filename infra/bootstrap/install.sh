#!/bin/sh
# Installs the locked dependencies when they are missing or older than the lock file. Prints to stderr only, because
# stdout belongs to the command that is about to run. Exits 5 (environment) when they cannot be had.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."

installed=node_modules/.package-lock.json
if [ -x node_modules/node/bin/node ] && [ -f "$installed" ] && [ ! package-lock.json -nt "$installed" ]; then
  exit 0
fi

if ! command -v npm >/dev/null 2>&1; then
  echo "quiesce: npm is missing: install Node.js 18 or newer, which brings it" >&2
  exit 5
fi

echo "quiesce: installing dependencies (once)" >&2
# The engine warnings of npm are about the Node that runs npm, not the pinned one that runs quiesce.
if ! npm ci --loglevel=error >&2 || [ ! -x node_modules/node/bin/node ]; then
  echo "quiesce: npm ci did not install the dependencies" >&2
  exit 5
fi
