import assert from 'node:assert/strict';
import test from 'node:test';
import { javaStringHash } from '../../engine/base/hash/java-string.ts';
import { logEndOf } from '../support/mysql-version.ts';
import { skipUnless } from '../support/skip.ts';
import { BinlogStage, type BinlogMessage } from './binlog-stage.ts';

const PARTITIONS = 4;

interface Message extends BinlogMessage {
  readonly ts: number;
  readonly xoffset?: number;
  readonly position: string;
  readonly gtid: string | null;
  readonly server_id: number;
  readonly thread_id?: number;
}

for (const flavor of ['mariadb', 'mysql'] as const) {
  test(`${flavor}: what a message says of its transaction is what the server says`, { skip: skipUnless(flavor, 'kafka') }, async (t) => {
    const stage = await BinlogStage.set(t, {
      flavor,
      schema: "CREATE TABLE items (Id int PRIMARY KEY, tags set('a','b'), at datetime); CREATE TABLE plain (n int) ENGINE=MyISAM",
      partitions: PARTITIONS,
      settings: { 'server-id': 4_294_967_295, 'sql-mode': '' },
      options: {
        OUTPUT_BINLOG_POSITION: 'true',
        OUTPUT_GTID_POSITION: 'true',
        OUTPUT_SERVER_ID: 'true',
        OUTPUT_THREAD_ID: 'true',
        OUTPUT_NULL_ZERODATES: 'true',
      },
    });
    await stage.engine.start();
    const client = await stage.database.client({ database: 'shop' });
    const ask = async (sql: string) => (await client.query(sql))[0] as unknown as Record<string, string | number>[];
    await client.query(
      "BEGIN; INSERT INTO items VALUES (1, 'a,b', '2015-00-01 01:02:03'), (2, '', NULL); UPDATE items SET tags = 'b' WHERE Id = 2; COMMIT",
    );
    await client.query('INSERT INTO plain VALUES (7)');
    await stage.untilCount(4);

    const records = await stage.records();
    const messages = records.map(({ value }) => JSON.parse(value!.toString()) as Message);
    const { file } = await logEndOf(stage.database);
    const events = await ask(`SHOW BINLOG EVENTS IN '${file}'`);
    const placesOf = (kind: RegExp) =>
      events.filter((event) => kind.test(String(event['Event_type']))).map((event) => `${file}:${event['Pos']}`);
    const changes = placesOf(/^(Write|Update)_rows/);
    assert.deepEqual(
      messages.map(({ position }) => position),
      [changes[0], changes[0], changes[1], changes[2]],
    );
    const xid = Number(/xid=(\d+)/.exec(String(events.find((event) => event['Event_type'] === 'Xid')!['Info']))![1]);
    const rest = messages.map(({ xid: id, xoffset, commit }) => [id, xoffset, commit]);
    assert.deepEqual(rest, [
      [xid, 0, undefined],
      [xid, 1, undefined],
      [xid, undefined, true],
      [undefined, undefined, true],
    ]);
    assert.deepEqual(
      messages.map(({ data, old }) => [data, old]),
      [
        [{ Id: 1, tags: ['a', 'b'], at: null }, undefined],
        [{ Id: 2, tags: [], at: null }, undefined],
        [{ Id: 2, tags: ['b'], at: null }, { tags: [] }],
        [{ n: 7 }, undefined],
      ],
    );
    const [[identity]] = [await ask('SELECT CONNECTION_ID() AS thread')];
    for (const message of messages) {
      assert.equal(message.server_id, 4_294_967_295);
      assert.equal(message.thread_id, flavor === 'mysql' ? identity!['thread'] : undefined);
      assert.match(message.gtid!, flavor === 'mysql' ? /^[0-9a-f-]{36}:\d+/ : /^0-4294967295-\d+$/);
    }
    assert.equal(new Set(messages.slice(0, 3).map(({ gtid }) => gtid)).size, 1);
    assert.notEqual(messages[0]!.gtid, messages[3]!.gtid);
    assert.deepEqual(
      records.map(({ key }) => key?.toString() ?? null),
      [...[1, 2, 2].map((id) => `{"database":"shop","table":"items","pk.id":${id}}`), null],
    );
    const name = Buffer.from('shop');
    const partition = Math.abs(javaStringHash(name, 0, name.length) % PARTITIONS);
    for (const record of records) assert.equal(record.partition, partition);
    await client.end();
  });
}
