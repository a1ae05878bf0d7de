#!/usr/bin/env bash
# Builds the OpenTelemetry Collector that `npm run test:collector` sends to, with the Collector's
# own builder. Needs Go; takes minutes the first time. The result is var/collector/otelcol.
# With WITH_VENDORS=1 also the vendors' exporters, to validate gateway/watch/collector/*.yaml.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
version=v0.165.0
out="$root/var/collector"

command -v go >/dev/null || { echo 'Go is needed to build the collector: https://go.dev/dl' >&2; exit 2; }
mkdir -p "$out"
cp "$root/test/collector/builder.yaml" "$out/builder.yaml"
if [ "${WITH_VENDORS:-}" = 1 ]; then
  cat "$root/test/collector/vendors.yaml" >>"$out/builder.yaml"
fi
cd "$out"
nice -n 15 go run "go.opentelemetry.io/collector/cmd/builder@$version" --config builder.yaml
mv build/otelcol otelcol
./otelcol --version
