#!/bin/sh
# Shows the package to a stranger: packed, installed from the registry into an empty folder by a user who is not root, on an older Node, and run
# over NATS by npx. Wants setpriv where it is run by root. Its argument is the Node [18].
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir "$place/home" "$place/work"

npm pack --silent --pack-destination "$place" >/dev/null
# An npm of its time comes with it: newer ones refuse an older Node.
npm install --prefix "$place" --no-save --no-audit --no-fund --loglevel=error "node@${1:-18}" npm@10
bin=$place/node_modules/.bin

nobody=
if [ "$(id -u)" -eq 0 ]; then
  chown 65534:65534 "$place/home" "$place/work"
  nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
fi
# Of this machine's settings the stranger has only where packages come from, and whose word it takes for that.
authority=$(npm config get cafile --loglevel=silent)
if [ ! -f "$authority" ]; then authority=${NODE_EXTRA_CA_CERTS:-}; fi
registry=$(npm config get registry --loglevel=silent)

cd "$place/work"
as_stranger() {
  # shellcheck disable=SC2086 # several words, or none
  $nobody env -i HOME="$place/home" PATH="$bin:/usr/bin:/bin" NODE_EXTRA_CA_CERTS="$authority" npm_config_registry="$registry" "$@"
}
echo "as user $(as_stranger id -u), on Node $(as_stranger node --version)"
as_stranger npm init --yes >/dev/null
as_stranger npm install --no-audit --no-fund --loglevel=error "$place"/quiesce-*.tgz
as_stranger npx quiesce run --seed 7
