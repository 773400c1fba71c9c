import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givenByCommandLine, givenByEnvironment } from '../../../../engine/control/config/given.ts';

describe('environment', () => {
  it('gives our variables and no other', () => {
    const given = givenByEnvironment({
      PATH: '/bin',
      MILLRACE_TOPIC: 't',
      MILLRACE_TEST_KEEP: '1',
      MILLRACE_X: undefined,
      XMILLRACE_Y: 'y',
    });
    assert.deepEqual(given, [{ source: 'MILLRACE_TOPIC', name: 'TOPIC', text: 't' }]);
  });
});

describe('command line', () => {
  const read = (...argv: string[]): { given: unknown; problems: string[] } => {
    const problems: string[] = [];
    return { given: givenByCommandLine(argv, problems).map(({ name, text }) => [name, text]), problems };
  };

  it('takes a value behind a blank or an equals sign', () => {
    assert.deepEqual(read('--topic', 'a', '--sync-mode=FULL + INCREMENTAL', '--tables=x=y').given, [
      ['TOPIC', 'a'],
      ['SYNC_MODE', 'FULL + INCREMENTAL'],
      ['TABLES', 'x=y'],
    ]);
  });

  it('takes a flag alone as true', () => {
    assert.deepEqual(read('--slot-adopt', '--topic', 'a', '--auto-create-topic').given, [
      ['SLOT_ADOPT', 'true'],
      ['TOPIC', 'a'],
      ['AUTO_CREATE_TOPIC', 'true'],
    ]);
  });

  it('takes an empty value as it is', () => {
    assert.deepEqual(read('--topic=').given, [['TOPIC', '']]);
  });

  it('takes properties of librdkafka', () => {
    assert.deepEqual(read('--kafka', 'sasl.password=a=b', '--kafka=security.protocol=SSL').given, [
      ['KAFKA_SASL_PASSWORD', 'a=b'],
      ['KAFKA_SECURITY_PROTOCOL', 'SSL'],
    ]);
    assert.equal(read('--kafka', 'nonsense').problems.length, 1);
    assert.equal(read('--kafka', '=x').problems.length, 1);
  });

  it('names a word that is no flag by its place, not by its text', () => {
    const { problems } = read('--topic', 'a', 'hunter2');
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^argument 3:/);
    assert.doesNotMatch(problems[0]!, /hunter2/);
  });
});
