/** What may come of rows that were written before a change of their table which the stream has yet to reach. */
export interface Scenario {
  readonly name: string;
  readonly create: string;
  readonly rows: string;
  readonly ddl: string;
  /** Written after the change; none when the table is gone. */
  readonly more?: string;
  /** `key: change` of each row, or the named error: by a source that saw the table before, and by one that starts after the change. */
  readonly seen: readonly string[] | 'SCHEMA_UNKNOWN';
  readonly unseen: readonly string[] | 'SCHEMA_UNKNOWN';
}

const SINGLE = 'CREATE TABLE t(id int PRIMARY KEY, v text)';
const DOUBLE = 'CREATE TABLE t(a int, b int, v text, PRIMARY KEY (b, a))';
const FULL = 'CREATE TABLE t(id int PRIMARY KEY, v text); ALTER TABLE t REPLICA IDENTITY FULL';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'the table is dropped',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, 'x'); UPDATE t SET id = 2; DELETE FROM t",
    ddl: 'DROP TABLE t',
    seen: ['id: insert public.t new(1,x)', 'id: update public.t old-key(1,null) new(2,x)', 'id: delete public.t old-key(2,null)'],
    unseen: ['id: insert public.t new(1,x)', 'id: update public.t old-key(1,null) new(2,x)', 'id: delete public.t old-key(2,null)'],
  },
  {
    name: 'a table with a key of two columns is dropped',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'DROP TABLE t',
    seen: ['b,a: insert public.t new(1,2,x)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'a table with full identity is dropped',
    create: FULL,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'DROP TABLE t',
    seen: ['id: insert public.t new(1,x)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the key column is renamed',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t RENAME id TO number',
    more: 'DELETE FROM t',
    seen: ['id: insert public.t new(1,x)', 'number: delete public.t old-key(1,null)'],
    unseen: ['id: insert public.t new(1,x)', 'number: delete public.t old-key(1,null)'],
  },
  {
    name: 'one of two key columns is renamed',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t RENAME b TO c',
    more: 'DELETE FROM t',
    seen: ['b,a: insert public.t new(1,2,x)', 'c,a: delete public.t old-key(1,2,null)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'two key columns swap their names',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t RENAME b TO c; ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME c TO a',
    more: 'DELETE FROM t',
    seen: 'SCHEMA_UNKNOWN',
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the key column is renamed under full identity',
    create: FULL,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t RENAME id TO number',
    more: "UPDATE t SET v = 'y'",
    seen: ['id: insert public.t new(1,x)', 'number: update public.t old-full(1,x) new(1,y)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the key column is dropped',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t DROP id',
    more: "INSERT INTO t VALUES ('y')",
    seen: ['id: insert public.t new(1,x)', ': insert public.t new(y)'],
    unseen: ['id: insert public.t new(1,x)', ': insert public.t new(y)'],
  },
  {
    name: 'one of two key columns is dropped',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t DROP b',
    more: "INSERT INTO t VALUES (3, 'y')",
    seen: ['b,a: insert public.t new(1,2,x)', ': insert public.t new(3,y)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the primary key is dropped',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t DROP CONSTRAINT t_pkey',
    more: "INSERT INTO t VALUES (1, 'y')",
    seen: ['id: insert public.t new(1,x)', ': insert public.t new(1,y)'],
    unseen: ['id: insert public.t new(1,x)', ': insert public.t new(1,y)'],
  },
  {
    name: 'the primary key of two columns is dropped',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t DROP CONSTRAINT t_pkey',
    more: "INSERT INTO t VALUES (3, 4, 'y')",
    seen: ['b,a: insert public.t new(1,2,x)', ': insert public.t new(3,4,y)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the primary key is dropped under full identity',
    create: FULL,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t DROP CONSTRAINT t_pkey',
    seen: 'SCHEMA_UNKNOWN',
    unseen: [': insert public.t new(1,x)'],
  },
  {
    name: 'the primary key is made anew in another order',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (a, b)',
    seen: 'SCHEMA_UNKNOWN',
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the primary key is made anew in the same order',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (b, a)',
    more: 'DELETE FROM t',
    seen: ['b,a: insert public.t new(1,2,x)', 'b,a: delete public.t old-key(1,2,null)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the primary key moves to another column',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (v)',
    more: 'DELETE FROM t',
    seen: ['id: insert public.t new(1,x)', 'v: delete public.t old-key(null,x)'],
    unseen: ['id: insert public.t new(1,x)', 'v: delete public.t old-key(null,x)'],
  },
  {
    name: 'a column is added and another dropped beside a key of two columns',
    create: DOUBLE,
    rows: "INSERT INTO t VALUES (1, 2, 'x')",
    ddl: 'ALTER TABLE t ADD w int, DROP v',
    more: 'INSERT INTO t VALUES (3, 4, 5)',
    seen: ['b,a: insert public.t new(1,2,x)', 'b,a: insert public.t new(3,4,5)'],
    unseen: ['b,a: insert public.t new(1,2,x)', 'b,a: insert public.t new(3,4,5)'],
  },
  {
    name: 'a column is added under full identity',
    create: FULL,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t ADD w int',
    more: 'DELETE FROM t',
    seen: ['id: insert public.t new(1,x)', 'id: delete public.t old-full(1,x,null)'],
    unseen: ['id: insert public.t new(1,x)', 'id: delete public.t old-full(1,x,null)'],
  },
  {
    name: 'an enum gets a label and another one for an old one',
    create: "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t(id int PRIMARY KEY, m mood, ms mood[])",
    rows: "INSERT INTO t VALUES (1, 'sad', '{ok,sad}')",
    ddl: "ALTER TYPE mood ADD VALUE 'glad'; ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
    more: "INSERT INTO t VALUES (2, 'blue', '{glad}')",
    seen: ['id: insert public.t new(1,sad,"{ok,sad}")', 'id: insert public.t new(2,blue,"{glad}")'],
    unseen: ['id: insert public.t new(1,sad,"{ok,sad}")', 'id: insert public.t new(2,blue,"{glad}")'],
  },
  {
    name: 'a column gets another type',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, '2')",
    ddl: 'ALTER TABLE t ALTER v TYPE bigint USING v::bigint, ALTER id TYPE numeric(10,2)',
    more: 'INSERT INTO t VALUES (2, 3)',
    seen: ['id: insert public.t new(1,2)', 'id: insert public.t new(2.00,3)'],
    unseen: ['id: insert public.t new(1,2)', 'id: insert public.t new(2.00,3)'],
  },
  {
    name: 'a type is dropped with its column',
    create: "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t(id int PRIMARY KEY, m mood)",
    rows: "INSERT INTO t VALUES (1, 'sad')",
    ddl: 'DROP TYPE mood CASCADE',
    more: 'INSERT INTO t VALUES (2)',
    seen: ['id: insert public.t new(1,sad)', 'id: insert public.t new(2)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
  {
    name: 'the table gives its name to another one',
    create: SINGLE,
    rows: "INSERT INTO t VALUES (1, 'x')",
    ddl: 'ALTER TABLE t RENAME TO old_t; CREATE TABLE t(v text PRIMARY KEY)',
    more: "INSERT INTO t VALUES ('y'); INSERT INTO old_t VALUES (2, 'z')",
    seen: ['id: insert public.t new(1,x)', 'v: insert public.t new(y)', 'id: insert public.old_t new(2,z)'],
    unseen: ['id: insert public.t new(1,x)', 'v: insert public.t new(y)', 'id: insert public.old_t new(2,z)'],
  },
  {
    name: 'the identity goes from an index to full',
    create:
      'CREATE TABLE t(id int PRIMARY KEY, x int NOT NULL, y int NOT NULL); CREATE UNIQUE INDEX i ON t(y, x); ALTER TABLE t REPLICA IDENTITY USING INDEX i',
    rows: 'INSERT INTO t VALUES (1, 2, 3); DELETE FROM t',
    ddl: 'ALTER TABLE t REPLICA IDENTITY FULL',
    more: 'INSERT INTO t VALUES (4, 5, 6)',
    seen: ['y,x: insert public.t new(1,2,3)', 'y,x: delete public.t old-key(null,2,3)', 'id: insert public.t new(4,5,6)'],
    unseen: 'SCHEMA_UNKNOWN',
  },
];
