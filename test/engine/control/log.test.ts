import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import type { LogFormat, LogLevel } from '../../../engine/control/config/config.ts';
import { Log, adviceOf, logOf } from '../../../engine/control/log.ts';
import { createRedactor } from '../../../engine/control/redact.ts';
import { Terminal } from '../../../engine/control/terminal.ts';

function logTo(format: LogFormat, level: LogLevel = 'info', secrets: string[] = []): { log: Log; text: () => string } {
  let text = '';
  const terminal = new Terminal({ write: (piece) => (text += piece) });
  return { log: new Log({ level, format, redact: createRedactor(secrets), terminal, colour: false }), text: () => text };
}

describe('JSON log', () => {
  it('is one object a line: level, time, details, message', () => {
    const { log, text } = logTo('json');
    log.info('streaming', { topic: 'orders', partitions: 4, fresh: true, key: null });
    const { time, ...entry } = JSON.parse(text()) as Record<string, unknown>;
    assert.deepEqual(entry, { level: 'info', topic: 'orders', partitions: 4, fresh: true, key: null, message: 'streaming' });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(text().endsWith('}\n'));
  });

  it('leaves out what is below its level', () => {
    const { log, text } = logTo('json', 'warn');
    log.info('quiet');
    log.log('debug', 'quieter');
    assert.equal(text(), '');
    log.warn('loud');
    assert.match(text(), /"level":"warn"/);
  });

  it('takes another level while it runs', () => {
    const { log, text } = logTo('json', 'warn');
    log.level = 'debug';
    log.log('debug', 'now');
    assert.equal(log.level, 'debug');
    assert.match(text(), /"message":"now"/);
  });

  it('says of each entry which of several changefeeds it is of', () => {
    const { log, text } = logTo('json', 'debug');
    const own = logOf('shop', log);
    own.info('a');
    own.warn('b', { topic: 'orders' });
    own.log('debug', 'c');
    own.error(toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'd', { topic: 'orders' })));
    const entries = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      entries.map(({ level, changefeed, topic, message }) => [level, changefeed, topic, message]),
      [
        ['info', 'shop', undefined, 'a'],
        ['warn', 'shop', 'orders', 'b'],
        ['debug', 'shop', undefined, 'c'],
        ['error', 'shop', 'orders', 'd'],
      ],
    );
    assert.equal(entries[3]?.['code'], 'KAFKA_TOPIC_MISSING');
  });

  it('gives an error with its code and where to read on, and a stack with defects only', () => {
    const { log, text } = logTo('json');
    const record = toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'topic orders is missing', { topic: 'orders' }));
    log.error(record);
    log.error(toErrorRecord(new Error('impossible')));
    const [known, defect] = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(known?.['code'], 'KAFKA_TOPIC_MISSING');
    assert.equal(known?.['topic'], 'orders');
    assert.equal(known?.['stack'], undefined);
    assert.match(String(known?.['advice']), /docs\/errors\.md#kafka_topic_missing$/);
    assert.equal(known?.['advice'], adviceOf(record));
    assert.equal(defect?.['code'], 'INTERNAL');
    assert.match(String(defect?.['stack']), /log\.test/);
  });

  it('stays JSON when a password is a word of JSON', () => {
    const { log, text } = logTo('json', 'info', ['true', 'message', 'level']);
    log.info('message: it is true', { fresh: true, rows: 7 });
    const entry = JSON.parse(text()) as Record<string, unknown>;
    assert.equal(entry['message'], '***: it is ***');
    assert.equal(entry['fresh'], true);
  });
});

describe('pretty log', () => {
  it('is one line a person can read', () => {
    const { log, text } = logTo('pretty');
    log.warn('partition stalls', { partition: 3 });
    assert.match(text(), /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: partition stalls \{"partition":3\}\n$/);
  });
});

describe('secrets', () => {
  for (const format of ['json', 'pretty'] as const) {
    it(`never appear in a ${format} log, wherever they are`, () => {
      const word = fc.string({ minLength: 8, maxLength: 30, unit: 'grapheme-ascii' }).filter((text) => text.trim().length >= 8);
      fc.assert(
        fc.property(word, (secret) => {
          const { log, text } = logTo(format, 'trace', [secret]);
          log.info(`before ${secret} after`, { detail: secret, url: `postgres://u:${encodeURIComponent(secret)}@h/d` });
          log.log('trace', JSON.stringify({ secret }));
          const error = new MillraceError('INTERNAL', `failed with ${secret}`, { given: secret });
          log.error(toErrorRecord(error));
          const printed = text();
          for (const written of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
            assert.ok(!printed.includes(written), `${JSON.stringify(written)} in ${printed}`);
          }
        }),
        { numRuns: 200 },
      );
    });
  }
});
