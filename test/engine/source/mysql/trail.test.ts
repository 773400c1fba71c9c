import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trail, type TrailGtid } from '../../../../engine/source/mysql/trail.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const OTHER = '3e11fa47-71ca-11e1-9e33-c80aa9429563';

function mariadb(domain: number, sequence: number): TrailGtid {
  return { flavor: 'mariadb', domain, serverId: 1, sequence: BigInt(sequence) };
}

function mysql(uuid: string, number: number): TrailGtid {
  return { flavor: 'mysql', uuid, number: BigInt(number) };
}

/** Words of a place in the file of this number. */
function words(file: number, offset: number): [number, number] {
  return [file << 8, offset | 0];
}

test('a position of MariaDB has the last of each domain, at the place that was marked', () => {
  const trail = new Trail({ flavor: 'mariadb', gtid: '0-1-5', file: 'bin.000001', offset: 100 });
  trail.committed(mariadb(0, 6));
  trail.committed(mariadb(7, 1));
  trail.committed(mariadb(0, 7));
  trail.mark('bin.000001', 300);
  trail.committed(mariadb(0, 8));
  trail.mark('bin.000002', 4);
  const first = { flavor: 'mariadb', gtid: '0-1-5', file: 'bin.000001', offset: 100 };
  const second = { ...first, gtid: '0-1-7,7-1-1', offset: 300 };
  const third = { ...first, gtid: '0-1-8,7-1-1', file: 'bin.000002', offset: 4 };
  assert.deepEqual(trail.positionOf(...words(1, 100)), first);
  assert.deepEqual(trail.positionOf(...words(1, 299)), first, 'between two marks it is the one before');
  assert.deepEqual(trail.positionOf(...words(1, 300)), second);
  assert.deepEqual(trail.positionOf(...words(1, 0xff_ff_ff_ff)), second);
  assert.deepEqual(trail.positionOf(...words(2, 4)), third);
  assert.deepEqual(trail.end, third);
});

test('a set of MySQL grows by runs of one server, by others, and over gaps', () => {
  const trail = new Trail({ flavor: 'mysql', gtid: `${UUID}:1-3`, file: 'bin.000009', offset: 4 });
  for (const number of [4, 5, 6, 9]) trail.committed(mysql(UUID, number));
  trail.committed(mysql(OTHER, 1));
  trail.committed(null);
  trail.committed(mysql(UUID, 10));
  trail.mark('bin.000009', 500);
  assert.equal(trail.end.gtid, `${UUID}:1-6:9-10,${OTHER}:1`);
});

test('places that are passed again do not count', () => {
  const trail = new Trail({ flavor: 'mariadb', gtid: '0-1-5', file: 'bin.000002', offset: 100 });
  trail.mark('bin.000002', 4);
  trail.mark('bin.000001', 900);
  assert.deepEqual(trail.end, { flavor: 'mariadb', gtid: '0-1-5', file: 'bin.000002', offset: 100 });
  trail.committed(mariadb(0, 6));
  trail.mark('bin.000002', 200);
  assert.equal(trail.end.gtid, '0-1-6');
});

test('what is acknowledged is forgotten, and what is left can still be told', () => {
  const trail = new Trail({ flavor: 'mariadb', gtid: '0-1-1', file: 'bin.000001', offset: 4 });
  for (let number = 2; number < 6; number++) {
    trail.committed(mariadb(0, number));
    trail.mark('bin.000001', number * 100);
  }
  trail.acknowledge(trail.positionOf(...words(1, 300)));
  assert.equal(trail.positionOf(...words(1, 200)).offset, 300, 'the oldest that is known');
  assert.equal(trail.positionOf(...words(1, 400)).gtid, '0-1-4');
});

test('however much is not acknowledged, memory is bounded, the end exact and each place told as one at or before it', () => {
  const trail = new Trail({ flavor: 'mariadb', gtid: '', file: 'bin.000001', offset: 4 });
  for (let number = 1; number <= 100_000; number++) {
    trail.committed(mariadb(0, number));
    trail.mark('bin.000001', number * 10);
  }
  assert.deepEqual(trail.end, { flavor: 'mariadb', gtid: '0-1-100000', file: 'bin.000001', offset: 1_000_000 });
  for (const number of [1, 17, 5000, 99_999]) {
    const { offset, gtid } = trail.positionOf(...words(1, number * 10));
    assert.ok(offset <= number * 10);
    assert.equal(gtid, offset === 4 ? '' : `0-1-${offset / 10}`, 'GTIDs and place belong together');
  }
  assert.ok((trail as unknown as { marks: unknown[] }).marks.length <= 4096);
});
