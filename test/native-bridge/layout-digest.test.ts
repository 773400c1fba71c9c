import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { layoutDigest, SHARED_LAYOUT } from '../../native-bridge/layout-digest.ts';
import { projectRoot } from '../support/paths.ts';

test('every name and every value of the layout counts, and their order', () => {
  const digest = layoutDigest(SHARED_LAYOUT);
  assert.equal(digest, layoutDigest());
  assert.ok(Number.isInteger(digest) && digest >= 0 && digest <= 0xffffffff);
  const { HEADER_CHANGES, ...rest } = SHARED_LAYOUT;
  const others = [
    { ...SHARED_LAYOUT, TARGET_OFFSET: 1 },
    { MAGICAL: HEADER_CHANGES, ...rest },
    { ...rest, HEADER_CHANGES },
    { ...SHARED_LAYOUT, MORE: 1 },
  ];
  assert.equal(new Set([digest, ...others.map((layout) => layoutDigest(layout))]).size, others.length + 1);
});

test('the header that the addon was compiled from has each constant with its value', () => {
  const header = readFileSync(join(projectRoot, 'native-bridge/src/layout.h'), 'utf8');
  for (const [name, value] of Object.entries(SHARED_LAYOUT)) assert.match(header, new RegExp(`constexpr uint32_t ${name} = ${value}u;`));
  assert.match(header, new RegExp(`DIGEST = ${layoutDigest()}u;`));
});
