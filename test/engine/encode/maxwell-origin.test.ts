import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellOrigin } from '../../../engine/encode/maxwell-origin.ts';
import { MAXWELL } from '../../support/formats.ts';

const ALL: Partial<MaxwellOptions> = { gtid: true, serverId: 'origin', threadId: 'origin' };

function written(options: Partial<MaxwellOptions>, gtid: string | null, serverId: number, threadId: number): string {
  const origin = new MaxwellOrigin({ ...MAXWELL, ...options });
  origin.set(gtid, serverId, threadId);
  const output = new ByteView(new Uint8Array(1 + origin.lengthMax));
  return Buffer.from(output.bytes.subarray(1, origin.write(output, 1))).toString();
}

test('who made a transaction is said as far as it is asked for and known', () => {
  assert.equal(written(ALL, '0-1-"5', 4_294_967_295, 108), ',"gtid":"0-1-\\"5","server_id":4294967295,"thread_id":108');
  assert.equal(written(ALL, null, 1, 0), ',"gtid":null,"server_id":1', 'a thread 0 is none');
  assert.equal(written({ ...ALL, gtid: false, serverId: null }, '0-1-5', 1, 2), ',"thread_id":2');
  assert.equal(written({ ...ALL, naming: 'underscore_to_camelcase' }, '0-1-5', 1, 2), ',"gtid":"0-1-5","serverId":1,"threadId":2');
  assert.equal(written({ serverId: 7, threadId: 'zero' }, '0-1-5', 1, 2), '', 'constants are not its own');
});

test('it is wanted when one of its fields is', () => {
  const isWanted = (options: Partial<MaxwellOptions>) => new MaxwellOrigin({ ...MAXWELL, ...options }).isWanted;
  assert.deepEqual([isWanted({}), isWanted({ serverId: 7, threadId: 'zero', position: 'lsn' })], [false, false]);
  for (const [name, value] of Object.entries(ALL)) assert.ok(isWanted({ [name]: value }), name);
});

test('before the first transaction there is nothing to say', () => {
  const output = new ByteView(new Uint8Array(16));
  assert.equal(new MaxwellOrigin({ ...MAXWELL, ...ALL }).write(output, 3), 3);
});
