#!/bin/sh
# Builds native-bridge's addon when its sources, Node.js or librdkafka changed. Needs dist/ (tsc has run) and kafka-javascript's librdkafka.
set -eu
cd "$(dirname "$0")/.."

addon=native-bridge/build/Release/millrace_native.node
stamp=native-bridge/build/millrace_native.inputs
librdkafka=node_modules/@confluentinc/kafka-javascript/build/deps/librdkafka.so.1

[ -f "$librdkafka" ] || { echo "build-native: $librdkafka is missing: build @confluentinc/kafka-javascript first" >&2; exit 1; }
mkdir -p native-bridge/build
exec 9>native-bridge/build/millrace_native.lock
if command -v flock >/dev/null; then flock 9; fi

node dist/scripts/generate-layout.js native-bridge/src/layout.h
inputs=$({
  cat native-bridge/binding.gyp native-bridge/src/*.cc native-bridge/src/*.h
  node --version
  ls -lL "$librdkafka"
} | sha256sum)
if [ -f "$addon" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then exit 0; fi

# node-gyp would download headers; those of the running Node.js lie beside it.
prefix=$(node -p 'require("path").dirname(require("path").dirname(process.execPath))')
log=native-bridge/build/millrace_native.log
if ! env -u MAKEFLAGS node_modules/.bin/node-gyp configure build -C native-bridge --nodedir="$prefix" -j "$(nproc)" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
printf '%s' "$inputs" >"$stamp"
