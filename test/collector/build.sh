#!/usr/bin/env bash
# Builds the OpenTelemetry Collector that `npm run test:collector` sends to, with the Collector's
# own builder. Needs Go; takes minutes the first time. The result is var/collector/otelcol.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
version=v0.165.0
out="$root/var/collector"

command -v go >/dev/null || { echo 'Go is needed to build the collector: https://go.dev/dl' >&2; exit 2; }
mkdir -p "$out"
cp "$root/test/collector/builder.yaml" "$out/builder.yaml"
cd "$out"
# The builder writes the sources; compiling them by hand resolves only what the binary imports,
# where the builder's own `go mod tidy` would also want the tests of every component. The versions
# are those that the sources name themselves.
rm -rf build
nice -n 15 go run "go.opentelemetry.io/collector/cmd/builder@$version" \
  --config builder.yaml --skip-get-modules --skip-compilation
cd build
go mod init otelcol
grep -oEh '"[a-z0-9./-]+ v[0-9.]+"' components.go main.go | tr -d '"' | sort -u |
  while read -r module at; do go mod edit -require="$module@$at"; done
go mod edit -require="go.opentelemetry.io/collector/otelcol@$version"
GOFLAGS="${GOFLAGS:-} -mod=mod" nice -n 15 go build -trimpath -o ../otelcol .
../otelcol components | head -3
