import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fromServerError } from '../../../../engine/source/mysql/server-error.ts';
import { BinlogReader, binlogVectors } from '../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../support/binlog-sink.ts';
import { projectRoot } from '../../../support/paths.ts';

/** A packet of a dump: an event, the end, or why it is refused. */
interface Packet {
  readonly hex?: string;
  readonly EOF?: string;
  readonly ERR?: readonly [errno: number, message: string];
}
interface DumpCase {
  readonly name: string;
  readonly stream: readonly Packet[];
}

/**
 * Two files of MariaDB 10.11, `0-3000-1` to `0-3000-3` and `7-3000-1`, `0-3000-4`, `0-3000-5`: by what was asked for, the GTIDs that a
 * dump brings, or what the server's refusal is.
 */
const DUMPS: Readonly<Record<string, readonly string[] | string>> = {
  empty_state: ['0-3000-1', '0-3000-2', '0-3000-3', '7-3000-1', '0-3000-4', '0-3000-5'],
  after_existing_gtid: ['0-3000-3', '7-3000-1', '0-3000-4', '0-3000-5'],
  two_domains: ['0-3000-5'],
  one_of_two_domains_missing: ['7-3000-1', '0-3000-5'],
  future_sequence: ['7-3000-1'],
  other_server_id: 'GTID_UNKNOWN',
  other_server_id_last: 'GTID_UNKNOWN',
  unknown_domain_only: ['0-3000-1', '0-3000-2', '0-3000-3', '7-3000-1', '0-3000-4', '0-3000-5'],
  annotate_flag: ['0-3000-5'],
  // A replica that does not say that it knows GTIDs gets none, and a comment in place of their list.
  capability_0: ['-', '-'],
  checksum_not_announced: 'STREAM_REFUSED',
  checksum_none: ['0-3000-5'],
  file_and_position: ['0-3000-1', '0-3000-2', '0-3000-3', '7-3000-1', '0-3000-4', '0-3000-5'],
  heartbeat: [],
  purged_empty_state: 'BINLOG_PURGED',
  purged_old_gtid: 'BINLOG_PURGED',
  purged_boundary: ['7-3000-1', '0-3000-4', '0-3000-5'],
};

const { cases: dumps } = JSON.parse(readFileSync(join(projectRoot, 'test/vectors/maxscale/10-mariadb-gtid-connect.json'), 'utf8')) as {
  readonly cases: readonly DumpCase[];
};

test('every dump has what is expected of it', () => {
  assert.deepEqual(
    dumps.map(({ name }) => name),
    Object.keys(DUMPS),
  );
});

describe('dumps that MariaDB 10.11 sent', () => {
  for (const { name, stream } of dumps) {
    test(name, () => {
      const refusal = stream.find(({ ERR }) => ERR !== undefined)?.ERR;
      if (refusal !== undefined) {
        const [errno, message] = refusal;
        assert.equal(fromServerError({ errno, sqlState: 'HY000', message }, 'the dump').code, DUMPS[name]);
        return;
      }
      // The tables have no names in these files: that nothing of them is wanted leaves the frame of their transactions.
      const reader = new BinlogReader(new BinlogSink(), { isSelected: () => false });
      reader.parser.reconnect(name !== 'checksum_none');
      reader.read(Buffer.concat(stream.map(({ hex = '' }) => Buffer.from(hex, 'hex'))));
      assert.deepEqual(reader.gtids, DUMPS[name]);
      assert.equal(reader.parser.isOpen, false);
      if (reader.gtids.length > 0) assert.match(reader.parser.file, /^bin\.00000[12]$/);
    });
  }
});

test('files of MariaDB 10.11: each is read to its end, or named by what it lacks', () => {
  for (const file of ['07-binlog-variants', '11-mariadb-binlog-fixtures'] as const) {
    for (const [name, bytes] of binlogVectors(file)) {
      const reader = new BinlogReader(new BinlogSink(), { isSelected: () => false });
      reader.readFile(bytes);
      assert.equal(reader.parser.isOpen, false, name);
      const expected = name === 'gtid_flags_and_xa' ? [...gtids(0, 9), ...gtids(5, 2)] : gtids(0, reader.gtids.length);
      assert.deepEqual(reader.gtids, expected, name);
      assert.ok(reader.gtids.length >= 2, name);
      const wanted = new BinlogReader(new BinlogSink());
      if (/^row_metadata_(FULL|simple|same|signedness)/.test(name)) wanted.readFile(bytes);
      else
        assert.throws(() => wanted.readFile(bytes), {
          code: /statement/.test(name) ? 'BINLOG_STATEMENT_FORMAT' : 'BINLOG_METADATA_MISSING',
        });
    }
  }
});

function gtids(domain: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${domain}-3000-${index + 1}`);
}
