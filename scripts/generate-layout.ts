import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { layoutDigest, SHARED_LAYOUT } from '../native-bridge/layout-digest.ts';

/** The text of `native-bridge/src/layout.h`: every constant of `layout.ts` and `row-layout.ts` as a `constexpr`, and what must hold between them. */
export function layoutHeader(): string {
  const constants = Object.entries(SHARED_LAYOUT).map(([name, value]) => `constexpr uint32_t ${name} = ${value >>> 0}u;`);
  return `// Generated from native-bridge/layout.ts and row-layout.ts by scripts/generate-layout.ts: edit those files, not this one.
#pragma once

#include <cstdint>

namespace millrace::layout {

constexpr uint32_t DIGEST = ${layoutDigest()}u;
${constants.join('\n')}

static_assert(HEADER_WORDS <= ERROR_STATE, "the header ends before the first error");
static_assert(ERROR_KEY + ERROR_KEY_BYTES / 4 <= ERROR_END && ERROR_END <= EPOCHS, "the first error's key ends before the epochs");
static_assert(EPOCHS + EPOCH_SLOTS * EPOCH_WORDS <= TARGETS, "the epochs end before the targets");
static_assert(TARGETS + TARGET_SLOTS * TARGET_WORDS == TABLE_WORDS, "the targets end the table");
static_assert(HEADER_DELIVERED % 2 == 0 && HEADER_FAILED % 2 == 0 && HEADER_PURGED % 2 == 0, "64-bit counters are aligned");
static_assert(HEADER_BYTES % 2 == 0 && HEADER_IN_FLIGHT % 2 == 0, "64-bit counters are aligned");
static_assert(TARGETS % 2 == 0 && TARGET_WORDS % 2 == 0, "64-bit fields of targets are aligned");
static_assert(TARGET_OFFSET % 2 == 0 && TARGET_COUNT % 2 == 0 && TARGET_BYTES % 2 == 0, "64-bit fields of targets are aligned");
static_assert(SOCKET_WRITTEN >= 16 && SOCKET_HUNG_UP < SOCKET_WORDS, "either side of a socket reader has a cache line of its own");
static_assert(PROGRAM_ENTRIES + PROGRAM_ENTRY_COUNT == PROGRAM_COLUMN_TABLE, "a program's columns lie behind its entries");
static_assert(PROGRAM_OPERATIONS * PROGRAM_OLD_IMAGES == PROGRAM_ENTRY_SNAPSHOT, "the snapshot's entry is the last");
static_assert(EPOCH_SLOTS <= 65536, "an epoch slot fits the opaque");

}  // namespace millrace::layout
`;
}

/** Writes the header to the path given as first argument, and leaves it alone when it is right already (so that nothing is rebuilt). */
function main(): void {
  const path = process.argv[2];
  if (path === undefined) throw new Error('usage: generate-layout.js <layout.h>');
  const text = layoutHeader();
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}

main();
