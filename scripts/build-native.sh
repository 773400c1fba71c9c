#!/bin/sh
# Builds native-bridge's addon when its sources, Node.js or librdkafka changed. Needs dist/ (tsc has run) and kafka-javascript's librdkafka.
set -eu
cd "$(dirname "$0")/.."

addon=native-bridge/build/Release/millrace_native.node
stamp=native-bridge/build/Release/millrace_native.inputs
librdkafka=node_modules/@confluentinc/kafka-javascript/build/deps/librdkafka.so.1

[ -f "$librdkafka" ] || { echo "build-native: $librdkafka is missing: build @confluentinc/kafka-javascript first" >&2; exit 1; }
node dist/scripts/generate-layout.js native-bridge/src/layout.h

# One build at a time: two would remove each other's objects.
exec 9>native-bridge/.build-lock
if command -v flock >/dev/null; then flock 9; fi

inputs=$({
  cat native-bridge/binding.gyp native-bridge/src/*.cc native-bridge/src/*.h
  node -p 'process.version + process.arch'
  ls -lL --time-style=full-iso "$librdkafka"
} | sha256sum)
if [ -f "$addon" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then exit 0; fi

# node-gyp would download headers; those of the running Node.js lie beside it.
prefix=$(node -p 'require("path").dirname(require("path").dirname(process.execPath))')
log=$(mktemp)
if ! env -u MAKEFLAGS node_modules/.bin/node-gyp rebuild -C native-bridge --nodedir="$prefix" -j "$(nproc)" >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
printf '%s' "$inputs" >"$stamp"
