#!/bin/sh
# Installs the locked dependencies when they are missing or older than the lock file. Prints to stderr only, because
# stdout belongs to the command that is about to run. Exits 5 (environment) when they cannot be had.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."

installed=node_modules/.package-lock.json
is_installed() {
  [ -x node_modules/node/bin/node ] && [ -f "$installed" ] && [ ! package-lock.json -nt "$installed" ]
}
if is_installed; then exit 0; fi

# npm ci begins by deleting what is there: two at once would delete each other's, and behind a link somebody else's.
if [ -L node_modules ]; then
  echo "quiesce: node_modules is a link and not up to date: install where it points to, or remove the link" >&2
  exit 5
fi
if command -v flock >/dev/null 2>&1; then
  mkdir -p .cache
  exec 9>.cache/install.lock
  flock 9
  if is_installed; then exit 0; fi
fi

if ! command -v npm >/dev/null 2>&1; then
  echo "quiesce: npm is missing: install Node.js 18 or newer, which brings it" >&2
  exit 5
fi
echo "quiesce: installing dependencies (once)" >&2

# npm leaves out optional native packages that do not support the Node that runs it, so it has to run on the pinned one,
# which must lie outside of node_modules because npm ci begins by deleting that. Some installations have an npm that brings its own Node
# along whatever is in PATH: `npm start` says where its program is.
npm_ci() {
  case "${npm_execpath:-}" in
    */npm-cli.js) node "$npm_execpath" ci --loglevel=error ;;
    *) npm ci --loglevel=error ;;
  esac
}
pinned=$(sed -n 's/^ *"node": "\([0-9.]*\)".*/\1/p' package.json)
outside=$(mktemp -d)
trap 'rm -rf "$outside"' EXIT
if npm install --prefix "$outside" --no-save --loglevel=error "node@$pinned" >&2; then
  PATH="$outside/node_modules/node/bin:$PATH"
fi

if ! npm_ci >&2 || [ ! -x node_modules/node/bin/node ]; then
  echo "quiesce: npm ci did not install the dependencies" >&2
  exit 5
fi
