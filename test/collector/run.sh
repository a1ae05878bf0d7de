#!/usr/bin/env bash
# `npm run test:collector`: builds the Collector where it is not built yet, then sends to it.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
[ -x "$root/var/collector/otelcol" ] || "$root/test/collector/build.sh"
cd "$root"
exec node node_modules/vitest/vitest.mjs run --config test/collector/vitest.config.ts
