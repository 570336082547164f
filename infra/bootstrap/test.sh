#!/bin/sh
# Runs the tests on the pinned Node, first installing what a fresh clone lacks. Arguments go to vitest.
set -eu
self=$(readlink -f "$0")
cd "${self%/*}/../.."
infra/bootstrap/install.sh
exec node_modules/node/bin/node node_modules/vitest/vitest.mjs run "$@"
