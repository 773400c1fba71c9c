import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ALL_VERSIONS } from '../support/postgres-install.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { Servers } from './servers.ts';
import { samplesOf, WITHOUT_ARRAYS, type TypeSample } from './type-samples.ts';

/** What looks like an array makes a further dimension of one. */
const VECTORS = new Set(['int2vector', 'oidvector']);

/** A table of one type: a value a row, and all of them as an array. */
function tableOf([name, declaration, values]: TypeSample, index: number): string {
  const rows = values.map((value) => `((${value})::${declaration})`);
  const hasArray = !WITHOUT_ARRAYS.has(name) && !VECTORS.has(name);
  const array = hasArray ? `UPDATE v${index} SET a = ARRAY[${rows.join(', ')}]::${declaration}[];` : '';
  return `CREATE TABLE v${index} (id serial PRIMARY KEY, v ${declaration}${hasArray ? `, a ${declaration}[]` : ''});
    INSERT INTO v${index} (v) VALUES ${rows.join(', ')}, (NULL); ${array}`;
}

/** The text of a message's `data`, behind the id, by table and id. */
function dataOf(text: string): [place: string, rest: string] {
  const table = /"table":"([^"]+)"/.exec(text)![1]!;
  const data = text.slice(text.indexOf('"data":') + 7, text.includes(',"old":{') ? text.lastIndexOf(',"old":{') : -1);
  const [, id, rest] = /^\{"id":(\d+),(.*)$/s.exec(data)!;
  return [`${table} ${Number(id) % 1000}`, rest!];
}

for (const version of ALL_VERSIONS) {
  const skip = skipUnless('kafka', 'kcat', `postgres-${version}`, ...(version === '15' ? (['postgis'] as const) : []));
  describe(`every type in a snapshot, PostgreSQL ${version}`, { skip }, () => {
    let servers: Servers;
    before(async () => {
      servers = await Servers.start({ version });
    });
    after(() => servers.destroy());

    test('has the bytes that the stream has of the same values', async (t) => {
      const { samples, types } = samplesOf(version);
      const schema = types + samples.map(tableOf).join('\n');
      const options = { SYNC_MODE: 'FULL + INCREMENTAL', TABLES: 'public.v*' };
      const feed = await servers.feed(t, { schema, options, partitions: 1 });
      await feed.engine.start();
      await until(() => feed.engine.log().includes('the snapshot is finished'), { what: () => `the snapshot\n${feed.engine.tail()}` });
      const rows = await feed.count();
      await feed.query(samples.map((_, index) => `UPDATE v${index} SET id = id + 1000`).join(';'));
      await feed.untilCount(2 * rows);
      await feed.engine.stop();
      const texts = (await feed.records()).map(({ value }) => value!.toString());
      const read = new Map(texts.filter((text) => text.includes('"type":"insert"')).map(dataOf));
      const streamed = new Map(texts.filter((text) => text.includes('"type":"update"')).map(dataOf));
      assert.equal(read.size, rows);
      assert.ok(rows > 200, `${rows} values`);
      assert.deepEqual(read, streamed);
    });
  });
}
