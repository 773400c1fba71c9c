import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogScan, type LogReading } from '../../../../engine/source/mysql/log-scan.ts';
import { projectRoot } from '../../../support/paths.ts';

interface Vectors {
  readonly cases: readonly { readonly name: string; readonly stream: readonly { readonly hex?: string }[] }[];
}

/** Two files of MariaDB, as a server sent them: the first was begun at 1795167775, rows of it at 1700000000, the second at 1700000000. */
const { cases } = JSON.parse(readFileSync(join(projectRoot, 'test/vectors/maxscale/10-mariadb-gtid-connect.json'), 'utf8')) as Vectors;
const EVENTS = cases
  .find(({ name }) => name === 'empty_state')!
  .stream.flatMap(({ hex }) => (hex === undefined ? [] : [Buffer.from(hex, 'hex')]));
const SECOND = 16;

const LOG: LogReading = {
  async read(file, take) {
    for (const event of file === 'bin.000001' ? EVENTS : EVENTS.slice(SECOND)) if (!take(event, 0, event.length)) return;
  },
};
const FILES = [
  { name: 'bin.000001', bytes: 907 },
  { name: 'bin.000002', bytes: 979 },
];

test('the first transaction at a time or later, of the file that was begun before it', async () => {
  const scan = new LogScan(LOG);
  const since = (seconds: number) => scan.placeSince(FILES.slice(1), seconds * 1000);
  assert.deepEqual(await since(1_700_000_000), { file: 'bin.000002', offset: 373 });
  assert.deepEqual(await since(1_700_000_001), { file: 'bin.000002', offset: 373 });
  assert.equal(await since(1_700_000_002), 'after');
  assert.equal(await since(1_600_000_000), 'before', 'there were files before the second one');
  assert.deepEqual(await scan.placeSince(FILES, 1_600_000_000_000), { file: 'bin.000001', offset: 4 });
});
