#!/bin/sh
# Runs the tests on the pinned Node, first installing what a fresh clone lacks. Arguments go to vitest.
set -eu
self=$(readlink -f "$0")
cd "${self%/*}/../.."
infra/bootstrap/install.sh
# Tests start the command some hundred times: what was compiled once is not compiled again.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/.cache/compiled}"
exec node_modules/node/bin/node node_modules/vitest/vitest.mjs run "$@"
