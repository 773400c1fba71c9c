import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { projectRoot } from '../../../support/paths.ts';
import { StreamReader } from '../../../support/pgoutput-reader.ts';

const VOLUME = `505.35681146198${'0'.repeat(49)}`;
const TOAST = 'abcdefghij...(2500)';

/** What the statements of scripts/capture-pgoutput.ts change, by the documentation and a look at each. */
const CAPTURED = [
  `insert public.tx new(h1,840,"2025-09-09 19:28:43.4846",${VOLUME})`,
  `update public.tx new(h1,840,"2025-09-09 19:28:43.4846",1024.${'0'.repeat(60)})`,
  `update public.tx old-key(h1,null,null,null) new(h2,840,"2025-09-09 19:28:43.4846",1024.${'0'.repeat(60)})`,
  'delete public.tx old-key(h2,null,null,null)',
  'insert public.txf new(h1,1.50)',
  'update public.txf old-full(h1,1.50) new(h1,null)',
  'delete public.txf old-full(h1,null)',
  'insert public.nopk new(1,x)',
  `insert public.toast new(1,${TOAST},1)`,
  'update public.toast new(1,~,2)',
  `insert public.toastf new(1,${TOAST},1)`,
  `update public.toastf old-full(1,${TOAST},1) new(1,~,2)`,
  'insert public.gen new(1,2)',
  'insert public.Odd "Näme". new(1,ok)',
  'truncate public.tx, public.txf',
  'insert public.tx new(a,null,null,null)',
  'insert public.tx new(b,null,null,null)',
  'delete public.tx old-key(a,null,null,null)',
  'insert public.nopk new(2,"")',
  String.raw`insert public.nopk new(3,"tab\t\"quote\"",9223372036854775807)`,
  'insert public.done new(1)',
];

for (const version of ['15', '18']) {
  describe(`the bytes of PostgreSQL ${version}`, () => {
    const bytes = readFileSync(join(projectRoot, `test/fixtures/pgoutput/postgres-${version}.bin`));

    test('give the changes that the statements made, in their transactions', () => {
      const reader = StreamReader.recording();
      reader.read(bytes);
      assert.deepEqual(reader.sink.changes, CAPTURED);
      const shape = reader.sink.lines.map((line) => line[0]).join('');
      assert.match(shape, /^(b[iudt]+c|bc)+$/, 'every change lies between a begin and a commit');
      assert.equal(reader.parser.transactions, (shape.match(/b/g) ?? []).length);
    });

    test('describe tables, versions and types', () => {
      const reader = StreamReader.recording();
      reader.read(bytes);
      const nopk = reader.sink.schemas.filter(({ table }) => table === 'nopk');
      assert.deepEqual(
        nopk.map(({ columns }) => columns.map(({ name }) => name)),
        [
          ['a', 'b'],
          ['a', 'b', 'c'],
        ],
      );
      assert.notEqual(nopk[0]!.id, nopk[1]!.id);
      assert.equal(nopk[0]!.tableId, nopk[1]!.tableId);
      const odd = reader.sink.schemas.find(({ table }) => table === 'Odd "Näme".')!;
      assert.deepEqual(
        odd.columns.map(({ name }) => name),
        ['Ключ', 'a,b'],
      );
      assert.deepEqual(odd.keyColumns, [0]);
      assert.deepEqual(
        reader.binder.types.map(({ schema, name }) => `${schema}.${name}`),
        ['public.mood'],
      );
      const full = reader.sink.schemas.find(({ table }) => table === 'txf')!;
      assert.equal(full.replicaIdentity, 'full');
      assert.deepEqual(full.keyColumns, [0, 1], 'every column of a table with full identity is flagged');
      const gen = reader.sink.schemas.find(({ table }) => table === 'gen')!;
      assert.deepEqual(
        gen.columns.map(({ name }) => name),
        ['id', 'a'],
        'neither dropped nor generated columns are sent',
      );
    });

    test('refused at every row and kept waiting at every description give the same calls', () => {
      const whole = StreamReader.recording();
      whole.read(bytes);
      const reader = StreamReader.recording();
      let refusals = 0;
      for (let at = 0; at < bytes.length; at += 100) {
        reader.sink.refusals = 1;
        reader.binder.pending = 1;
        refusals += reader.read(bytes.subarray(at, at + 100));
      }
      assert.deepEqual(reader.sink.lines, whole.sink.lines);
      assert.deepEqual(reader.sink.rowLsns, whole.sink.rowLsns);
      assert.ok(refusals > 20, 'there were refusals');
    });
  });
}
