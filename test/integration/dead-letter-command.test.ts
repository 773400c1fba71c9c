import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { runCommand, type CommandResult } from './command.ts';
import { letterFeed as feedOf, noise, type LetterFeed, type LetterFeedOptions } from './letter-feed.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const letterFeed = (t: Parameters<Servers['feed']>[0], options: LetterFeedOptions = {}) => feedOf(servers, t, options);
const insertLarge = (feed: Feed, id: number) => feed.query('INSERT INTO t VALUES ($1, $2)', [id, noise(25_000)]);

/** `millrace dead-letters ...` for a feed; its own options follow those that are given. */
async function command({ feed }: LetterFeed, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return await runCommand(['dead-letters', ...args], {
    env: { ...feed.engine.environment, ...env },
  });
}

interface Listed {
  readonly letter: string;
  readonly key: string | null;
  readonly reason: string;
}

async function listed(of: LetterFeed): Promise<Listed[]> {
  const { code, stdout, stderr } = await command(of, ['list', '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Listed[];
}

/** What a run of `replay` said of each letter, by its key. */
function told({ stdout, stderr }: CommandResult): string {
  return stdout + stderr;
}

const raiseLimit = (feed: Feed) => servers.broker.alterTopic(feed.name, { 'max.message.bytes': '1000000' });
const idsOf = async (feed: Feed) => (await feed.messages()).map(({ data }) => data['id']);

describe('millrace dead-letters', { skip: SKIP }, () => {
  test('list and show tell what there is, and which row', async (t) => {
    const of = await letterFeed(t);
    const { feed, untilLetters } = of;
    const none = await command(of, ['list']);
    assert.deepEqual([none.code, none.stdout], [0, 'There are no dead letters.\n'], none.stderr);
    await feed.engine.start();
    await insertLarge(feed, 1);
    await feed.query("UPDATE t SET id = 2, v = v || 'ü'");
    await untilLetters(2);
    const list = await command(of, ['list']);
    assert.match(list.stdout, /^LETTER +TIME +REASON +TABLE +OPERATION +KEY +POSITION +TO +BYTES\n/);
    assert.match(
      list.stdout,
      new RegExp(`${of.topic}:\\d:0 .* MESSAGE_TOO_LARGE +public\\.t +insert +\\{"id":1\\} .* ${feed.name}\\[0\\] `),
    );
    const letters = await listed(of);
    assert.deepEqual(letters.map(({ key }) => String(key)).toSorted(), ['{"id":1}', '{"id":2}']);
    const name = letters.find(({ key }) => key === '{"id":2}')!.letter;
    const shown = JSON.parse((await command(of, ['show', name, '--json'])).stdout) as {
      operation: string;
      old: object;
      new: { id: string; v: string };
    };
    assert.equal(shown.operation, 'update');
    assert.equal(shown.new.id, '2');
    assert.ok(shown.new.v.endsWith('ü') && shown.new.v.length === 25_001);
    const text = (await command(of, ['show', name])).stdout;
    assert.match(text, /reason +MESSAGE_TOO_LARGE: .*\n/);
    assert.match(text, /\nnew\n {2}id = "2"\n/);
    const unknown = await command(of, ['show', `${of.topic}:0:99`]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /:0:99 is no dead letter of/);
  });

  test('replay sends a row as it would have gone, once the cause is mended, and not twice', async (t) => {
    const of = await letterFeed(t);
    const { feed, untilLetters } = of;
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    await insertLarge(feed, 2);
    await untilLetters(1);
    await feed.untilConfirmed();
    const running = await command(of, ['replay', '--all']);
    assert.equal(running.code, 1);
    assert.match(running.stderr, /STATE_LOCKED/);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });

    const tooEarly = await command(of, ['replay', '--all']);
    assert.equal(tooEarly.code, 1);
    assert.match(tooEarly.stderr, /not sent: MESSAGE_TOO_LARGE: .*public\.t.* takes 25\d{3} bytes/);
    assert.equal(await feed.count(), 1);

    await raiseLimit(feed);
    const replayed = await command(of, ['replay', '--all']);
    assert.equal(replayed.code, 0, told(replayed));
    assert.match(replayed.stdout, new RegExp(`sent public\\.t \\{"id":2\\} to ${feed.name}\\[0\\] at offset 1\n`));
    const messages = await feed.messages();
    assert.deepEqual(
      messages.map(({ data, type }) => [data['id'], type]),
      [
        [1, 'insert'],
        [2, 'insert'],
      ],
    );
    assert.ok(messages[1]!.xid > messages[0]!.xid);

    const again = await command(of, ['replay', '--all', '--force']);
    assert.equal(again.code, 0);
    assert.match(again.stderr, /was sent again before, and is in .* at offset 1/);
    assert.equal(await feed.count(), 2);
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (3, 'behind')");
    await feed.untilCount(3);
  });

  test('replay is refused while the changefeed runs on another machine, where the checkpoint is in a topic', async (t) => {
    const of = await letterFeed(t, { options: { CHECKPOINT_STORE: 'topic' } });
    const { feed, untilLetters } = of;
    await feed.engine.start();
    await insertLarge(feed, 1);
    await untilLetters(1);
    await feed.untilConfirmed();
    await raiseLimit(feed);
    const elsewhere = { MILLRACE_STATE_DIR: tempDir(t) };
    const running = await command(of, ['replay', '--all'], elsewhere);
    assert.equal(running.code, 1, told(running));
    assert.match(running.stderr, /STATE_LOCKED/);
    assert.equal(await feed.count(), 0);
    await feed.engine.stop();
    const replayed = await command(of, ['replay', '--all'], elsewhere);
    assert.equal(replayed.code, 0, told(replayed));
    assert.deepEqual(await idsOf(feed), [1]);
  });

  test('a row that a later message of its key has overtaken is sent by force alone', async (t) => {
    const of = await letterFeed(t);
    const { feed, untilLetters } = of;
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before'), (2, 'before')");
    await feed.query('UPDATE t SET v = $1 WHERE id = 1', [noise(25_000)]);
    await feed.query('UPDATE t SET v = $1 WHERE id = 2', [noise(25_000)]);
    await feed.query("UPDATE t SET v = 'later' WHERE id = 1");
    await untilLetters(2);
    await feed.untilCount(3);
    await feed.engine.stop();
    await raiseLimit(feed);
    const result = await command(of, ['replay', '--all']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, new RegExp(`not sent: a later message of its key is in ${feed.name}\\[0\\] at offset 2`));
    assert.match(result.stdout, /sent public\.t \{"id":2\} /);
    assert.deepEqual(await idsOf(feed), [1, 2, 1, 2]);
    const overtaken = (await listed(of)).find(({ key }) => key === '{"id":1}')!.letter;
    const forced = await command(of, ['replay', overtaken, '--force']);
    assert.equal(forced.code, 0, told(forced));
    assert.deepEqual(await idsOf(feed), [1, 2, 1, 2, 1]);
  });
});

describe('millrace dead-letters replay', { skip: SKIP }, () => {
  test('letters of one key go in the order of the log, and none past one that stays', async (t) => {
    const of = await letterFeed(t);
    const { feed, untilLetters } = of;
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    for (const length of [30_000, 25_000, 26_000]) await feed.query('UPDATE t SET v = $1', [noise(length)]);
    await untilLetters(3);
    await feed.engine.stop();
    // Now the later two fit.
    await servers.broker.alterTopic(feed.name, { 'max.message.bytes': '28000' });
    const held = await command(of, ['replay', '--all']);
    assert.equal(held.code, 1);
    assert.match(held.stderr, /MESSAGE_TOO_LARGE: .*takes 30\d{3} bytes/);
    assert.equal(held.stderr.match(/an earlier dead letter of its key was not sent either/g)?.length, 2);
    assert.equal(await feed.count(), 1);
    await raiseLimit(feed);
    // One after the other: what was sent again is no later message for those behind it.
    const names = (await listed(of)).map(({ letter }) => letter);
    for (const name of names) assert.equal((await command(of, ['replay', name])).code, 0);
    const lengths = (await feed.messages()).map(({ data }) => (data['v'] as string).length);
    assert.deepEqual(lengths, [6, 30_000, 25_000, 26_000]);
  });

  test('rows of every kind: without a key, of a snapshot, an update of the key in two', async (t) => {
    const schema = `CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE keyless (v text); ALTER TABLE keyless REPLICA IDENTITY FULL;
      INSERT INTO t SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 1000) i`;
    const options = { FORMAT: 'kv-json', SYNC_MODE: 'FULL + INCREMENTAL', TOPIC: `${servers.nextName}-%{table}` };
    const of = await letterFeed(t, { schema, options });
    const { feed, untilLetters } = of;
    const topics = [`${feed.name}-t`, `${feed.name}-keyless`] as const;
    for (const topic of topics) await servers.broker.createTopic(topic, 1, { 'max.message.bytes': '20000' });
    await feed.engine.start({ BATCH_BYTES: '20000' });
    await feed.query('INSERT INTO keyless VALUES ($1)', [noise(25_000)]);
    await feed.query('UPDATE t SET id = 2, v = $1', [noise(25_000)]);
    await untilLetters(3);
    await feed.engine.stop();
    for (const topic of topics) await servers.broker.alterTopic(topic, { 'max.message.bytes': '1000000' });
    const ofKeyless = (await listed(of)).filter(({ key }) => key === null);
    assert.equal(ofKeyless.length, 1);
    for (const count of [1, 1]) {
      await command(of, ['replay', ofKeyless[0]!.letter]);
      assert.deepEqual(await servers.broker.endOffsets(topics[1]), [count], 'sent once');
    }
    const rest = await command(of, ['replay', '--all']);
    // The delete of the old key went out long ago: the row of before would come behind it.
    assert.match(rest.stderr, /\{"id":1\}|overtaken|a later message of its key/);
    assert.match(rest.stdout, /sent public\.t \{"id":2\}/);
  });

  test('a letter that was cut cannot be sent again, and what is wrong with the words is said', async (t) => {
    const of = await letterFeed(t, { lettersTopic: { 'max.message.bytes': '20000' } });
    const { feed, untilLetters } = of;
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1, $1)', [noise(100_000)]);
    await untilLetters(1);
    await feed.engine.stop();
    await raiseLimit(feed);
    const cut = await command(of, ['replay', '--all']);
    assert.equal(cut.code, 1);
    assert.match(cut.stderr, /not sent: DEAD_LETTER_CUT: .* holds 1\d{4} of the 1000\d\d bytes/);
    assert.match((await command(of, ['list'])).stdout, /\(cut\)/);
    for (const args of [['replay'], ['replay', '--all', `${of.topic}:0:0`]]) {
      const wrong = await command(of, args);
      assert.equal(wrong.code, 2, told(wrong));
      assert.match(wrong.stderr, /accepted: the letters that list shows, or --all/);
    }
    const off = await command(of, ['list'], { MILLRACE_DEAD_LETTER_TOPIC: '' });
    assert.equal(off.code, 2, told(off));
  });
});
