import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { untilWritersEnd } from '../../../../../engine/source/postgres/beside/writers.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from '../copy/copying.ts';

const skip = skipUnless('postgres-15');

describe('waiting for those who have written to a table', { skip }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15', settings: { max_prepared_transactions: 5 } });
  });
  after(() => server.destroy());

  test('waits for them and for no other, and not for those who come later', async (t) => {
    const copying = await Copying.open(t, server, 'CREATE TABLE t (id int); CREATE TABLE other (id int)');
    const [side, writer, prepared, reader, stranger, later] = await Promise.all(Array.from({ length: 6 }, () => copying.client()));
    await writer!.query('BEGIN; INSERT INTO t VALUES (1)');
    await prepared!.query("BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION 'p'");
    await reader!.query('BEGIN; SELECT FROM t');
    await stranger!.query('BEGIN; INSERT INTO other VALUES (1)');
    let isOver = false;
    const { signal } = new AbortController();
    const oids = [await copying.oid('t')];
    const waiting = untilWritersEnd({ client: side!, oids, onSlow: () => undefined, signal }).then(() => (isOver = true));
    await later!.query('BEGIN; INSERT INTO t VALUES (3)');
    await writer!.query('COMMIT');
    const [row] = await copying.query<{ shown: string[] }>('SELECT array_agg(id::text) AS shown FROM t');
    assert.deepEqual([row!.shown, isOver], [['1'], false], 'the prepared one is not over');
    await prepared!.query("ROLLBACK PREPARED 'p'");
    // The one that came later may or may not be waited for: it was there at the first look, or it was not.
    await later!.query('COMMIT');
    await waiting;
  });

  test('ends with its signal', async (t) => {
    const copying = await Copying.open(t, server, 'CREATE TABLE t (id int)');
    const [side, writer] = await Promise.all([copying.client(), copying.client()]);
    await writer.query('BEGIN; INSERT INTO t VALUES (1)');
    const end = new AbortController();
    const waiting = untilWritersEnd({ client: side, oids: [await copying.oid('t')], onSlow: () => undefined, signal: end.signal });
    end.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});
