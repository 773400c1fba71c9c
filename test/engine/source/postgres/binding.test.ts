import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { bindKeys, Doubt, type BindingInput } from '../../../../engine/source/postgres/binding.ts';
import type { CatalogKey, Standing, TableReading } from '../../../../engine/source/postgres/catalog-queries.ts';
import { Snapshot } from '../../../../engine/source/postgres/snapshot.ts';
import type { RelationMessage } from '../../../../engine/source/postgres/relation-message.ts';

/** The stream's place; readings are before (`B`) or after (`A`) it. */
const LSN = { high: 1, low: 0 };
const BEFORE = { high: 0, low: 9 };
const AFTER = { high: 1, low: 9 };

/** `*` before a name flags it. */
function described(identity: RelationMessage['replicaIdentity'], ...names: string[]): RelationMessage {
  const columns = names.map((name) => ({ name: name.replace('*', ''), isKey: name.startsWith('*'), typeOid: 25, typeModifier: -1 }));
  return { relationId: 1, schema: 's', table: 't', replicaIdentity: identity, columns };
}

interface Shape {
  readonly columns: readonly string[];
  readonly key?: readonly string[] | null;
  readonly standing?: Standing;
  readonly identity?: readonly string[] | null;
  readonly isImmediate?: boolean;
  readonly hasColumnList?: boolean;
  /** Names of `columns` that are generated. */
  readonly generated?: readonly string[];
}

function reading(seen: typeof LSN, shape: Shape): TableReading {
  const { columns, key = null, standing = 'newer', identity = null, isImmediate = true, hasColumnList = false, generated = [] } = shape;
  const index = (names: readonly string[] | null): CatalogKey | null => (names === null ? null : { columns: names, isImmediate, standing });
  return {
    relationId: 1,
    firstSeenAt: seen,
    snapshot: new Snapshot('1:1:'),
    name: { schema: 's', table: 't' },
    ancestors: [],
    columns: columns.map((name) => ({ name, typeOid: 25, typeModifier: -1, isNotNull: false, isGenerated: generated.includes(name) })),
    hasColumnList,
    primaryKey: index(key),
    identityIndex: index(identity),
  };
}

/** Names of the message key's columns, or `doubt`. */
function keyOf(relation: RelationMessage, readings: readonly TableReading[], isCurrent = true): readonly string[] | 'doubt' {
  const bound = bindKeys({ relation, readings, isCurrent, lsn: LSN } satisfies BindingInput);
  if (bound instanceof Doubt) return 'doubt';
  return bound.keyColumns.map((index) => relation.columns[index]!.name);
}

const AB = ['a', 'b', 'c'];

describe('one flagged column', () => {
  const relation = described('default', 'a', '*b');
  test('is the key, whatever the catalogue says', () => {
    assert.deepEqual(keyOf(relation, []), ['b']);
    assert.deepEqual(keyOf(relation, [], false), ['b']);
    assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['x'], key: ['x'] })]), ['b']);
    assert.deepEqual(keyOf(described('index', 'a', '*b'), [reading(AFTER, { columns: ['a', 'b'], identity: ['b'] })]), ['b']);
  });
});

describe('several flagged columns', () => {
  const relation = described('default', '*a', '*b', 'c');
  test('have the order of the primary key that has stood since long, or is older than the transaction', () => {
    for (const standing of ['settled', 'older'] as const) {
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: AB, key: ['b', 'a'], standing })]), ['b', 'a']);
    }
  });

  test('have its order too when columns were added, dropped or renamed beside them', () => {
    assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['a', 'b', 'x', 'y'], key: ['b', 'a'], standing: 'settled' })]), [
      'b',
      'a',
    ]);
  });

  test('are in doubt when the key is younger and was not seen before', () => {
    assert.equal(keyOf(relation, [reading(AFTER, { columns: AB, key: ['b', 'a'] })]), 'doubt');
  });

  test('have its order when the same key was seen before these rows', () => {
    const now = reading(AFTER, { columns: AB, key: ['b', 'a'] });
    assert.deepEqual(keyOf(relation, [now, reading(BEFORE, { columns: AB, key: ['b', 'a'] })]), ['b', 'a']);
    assert.equal(keyOf(relation, [now, reading(AFTER, { columns: AB, key: ['b', 'a'] })]), 'doubt');
  });

  test('are in doubt when the key was made anew in another order', () => {
    const readings = [
      reading(AFTER, { columns: AB, key: ['b', 'a'] }),
      reading(BEFORE, { columns: AB, key: ['a', 'b'], standing: 'settled' }),
    ];
    assert.equal(keyOf(relation, readings), 'doubt');
  });

  test('have the order that was seen when the key is another now, or the table is gone', () => {
    const before = reading(BEFORE, { columns: AB, key: ['b', 'a'] });
    for (const key of [['a'], ['a', 'b', 'c'], ['a', 'x'], null]) {
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['a', 'b', 'c', 'x'], key }), before]), ['b', 'a'], String(key));
    }
    assert.deepEqual(keyOf(relation, [before], false), ['b', 'a']);
  });

  test('are in doubt when no key with these columns was ever seen', () => {
    assert.equal(keyOf(relation, [reading(AFTER, { columns: AB, key: ['a'], standing: 'settled' })]), 'doubt');
    assert.equal(keyOf(relation, [reading(AFTER, { columns: AB })]), 'doubt');
    assert.equal(keyOf(relation, [], false), 'doubt');
  });

  test('are in doubt when two orders were seen and the table is gone', () => {
    const seen = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((key) => reading(BEFORE, { columns: AB, key }));
    assert.equal(keyOf(relation, seen, false), 'doubt');
  });

  test('of an identity index have that index as their order', () => {
    const shape = { columns: AB, key: ['c'], identity: ['b', 'a'], standing: 'settled' } as const;
    assert.deepEqual(keyOf(described('index', '*a', '*b', 'c'), [reading(AFTER, shape)]), ['b', 'a']);
  });
});

describe('no flagged column', () => {
  test('is no key, even if one was added since', () => {
    assert.deepEqual(keyOf(described('default', 'a', 'b'), [reading(AFTER, { columns: ['a', 'b'], key: ['a'] })]), []);
    assert.deepEqual(keyOf(described('default', 'a', 'b'), [], false), []);
  });

  test('with a deferrable primary key has that one for its inserts', () => {
    const shape = { columns: ['a', 'b'], key: ['b'], isImmediate: false } as const;
    assert.deepEqual(keyOf(described('default', 'a', 'b'), [reading(AFTER, { ...shape, standing: 'settled' })]), ['b']);
    assert.equal(keyOf(described('default', 'a', 'b'), [reading(AFTER, shape)]), 'doubt');
  });
});

describe('an identity index beside a primary key', () => {
  const relation = described('index', 'id', '*a', '*b');
  test('is the key, since deletes carry nothing else', () => {
    const shape = { columns: ['id', 'a', 'b'], key: ['id'], identity: ['b', 'a'], standing: 'settled' } as const;
    assert.deepEqual(keyOf(relation, [reading(AFTER, shape)]), ['b', 'a']);
  });

  test('gives way to a primary key that it covers', () => {
    const shape = { columns: ['id', 'a', 'b'], key: ['a'], identity: ['b', 'a'], standing: 'settled' } as const;
    const bound = bindKeys({ relation, readings: [reading(AFTER, shape)], isCurrent: true, lsn: LSN });
    assert.deepEqual(bound, { primaryKey: [1], keyColumns: [1] });
  });

  test('that was dropped leaves the primary key, for inserts', () => {
    assert.deepEqual(keyOf(described('index', 'a', 'b'), [reading(AFTER, { columns: ['a', 'b'], key: ['b'], standing: 'settled' })]), [
      'b',
    ]);
  });
});

for (const identity of ['full', 'nothing'] as const) {
  describe(`identity ${identity}, which flags all or nothing`, () => {
    const mark = identity === 'full' ? '*' : '';
    const relation = described(identity, `${mark}a`, `${mark}b`);
    const columns = ['a', 'b'];

    test('has the primary key that has stood since long, also when columns were added beside it', () => {
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns, key: ['b', 'a'], standing: 'settled' })]), ['b', 'a']);
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['a', 'b', 'x'], key: ['b'], standing: 'older' })]), ['b']);
    });

    test('has no key when there is none and none was seen', () => {
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns })]), []);
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['a', 'b', 'x'] })]), []);
    });

    test('has the key that was seen with these columns: key column renamed or dropped, table gone', () => {
      const before = reading(BEFORE, { columns, key: ['b'] });
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['a', 'z'], key: ['z'] }), before]), ['b']);
      assert.deepEqual(keyOf(relation, [reading(AFTER, { columns: ['a'] }), before]), ['b']);
      assert.deepEqual(keyOf(relation, [before], false), ['b']);
    });

    test('is in doubt when the key was dropped, added or made of others, and the columns do not tell when', () => {
      const before = reading(BEFORE, { columns, key: ['b'] });
      assert.equal(keyOf(relation, [reading(AFTER, { columns }), before]), 'doubt', 'dropped');
      assert.equal(keyOf(relation, [reading(AFTER, { columns, key: ['a'] }), before]), 'doubt', 'made of another column');
      assert.equal(keyOf(relation, [reading(AFTER, { columns, key: ['a'] }), reading(BEFORE, { columns })]), 'doubt', 'added');
      assert.equal(keyOf(relation, [reading(AFTER, { columns, key: ['a'] })]), 'doubt', 'not seen before');
    });

    test('is in doubt when the table is gone and was never seen', () => {
      assert.equal(keyOf(relation, [], false), 'doubt');
    });

    test('does not miss generated columns, nor those that a column list leaves out', () => {
      const now = { key: ['a'], standing: 'newer' } as const;
      const seen = (shape: Shape) => [reading(AFTER, shape), reading(BEFORE, shape)];
      assert.deepEqual(keyOf(relation, seen({ ...now, columns: ['a', 'g', 'b'], generated: ['g'] })), ['a']);
      assert.deepEqual(keyOf(relation, seen({ ...now, columns: ['x', 'a', 'b'], hasColumnList: true })), ['a']);
      assert.equal(keyOf(relation, seen({ ...now, columns: ['x', 'a', 'b'] })), 'doubt');
    });

    test('is in doubt when the publication leaves out a part of the key', () => {
      const shape = { columns: ['a', 'b', 'c'], key: ['c'], hasColumnList: true } as const;
      assert.equal(keyOf(relation, [reading(AFTER, shape), reading(BEFORE, shape)]), 'doubt');
    });
  });
}
