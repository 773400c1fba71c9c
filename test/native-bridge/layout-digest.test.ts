import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { layoutDigest } from '../../native-bridge/layout-digest.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { projectRoot } from '../support/paths.ts';

test('every name and every value of the layout counts, and their order', () => {
  const digest = layoutDigest(LAYOUT);
  assert.equal(digest, layoutDigest());
  assert.ok(Number.isInteger(digest) && digest >= 0 && digest <= 0xffffffff);
  const { HEADER_CHANGES, ...rest } = LAYOUT;
  const others = [
    { ...LAYOUT, TARGET_OFFSET: 1 },
    { MAGICAL: HEADER_CHANGES, ...rest },
    { ...rest, HEADER_CHANGES },
    { ...LAYOUT, MORE: 1 },
  ];
  assert.equal(new Set([digest, ...others.map((layout) => layoutDigest(layout))]).size, others.length + 1);
});

test('the header that the addon was compiled from has each constant with its value', () => {
  const header = readFileSync(join(projectRoot, 'native-bridge/src/layout.h'), 'utf8');
  for (const [name, value] of Object.entries(LAYOUT)) assert.match(header, new RegExp(`constexpr uint32_t ${name} = ${value}u;`));
  assert.match(header, new RegExp(`DIGEST = ${layoutDigest()}u;`));
});
