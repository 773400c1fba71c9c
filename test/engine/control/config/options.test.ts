import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPTIONS, type OptionKey } from '../../../../engine/control/config/options.ts';
import { Refused } from '../../../../engine/control/config/parse.ts';

const KEYS = Object.keys(OPTIONS) as OptionKey[];

describe('table of options', () => {
  it('names options in capitals', () => {
    for (const key of KEYS) assert.match(OPTIONS[key].name, /^[A-Z]+(_[A-Z]+)*$/);
  });

  it('calls an option in the code as it is called outside', () => {
    for (const key of KEYS) assert.equal(key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(), OPTIONS[key].name);
  });

  it('explains every option in whole sentences', () => {
    for (const key of KEYS) assert.match(OPTIONS[key].meaning, /^[\p{Lu}`].*[.]$/su, key);
  });

  it('has defaults that its own parsers take', () => {
    for (const key of KEYS) {
      const { type, defaultText, defaultMeaning, required } = OPTIONS[key];
      if (defaultText !== null) assert.ok(!((type.parse(defaultText, '/srv') as unknown) instanceof Refused), key);
      else assert.ok(required !== (defaultMeaning !== null), `${key} does not say what happens without it`);
    }
  });

  it('takes five options to start', () => {
    assert.deepEqual(
      KEYS.filter((key) => OPTIONS[key].required),
      ['sourceUrl', 'syncMode', 'tables', 'bootstrapServers', 'topic'],
    );
  });

  it('refuses by name what is to come', () => {
    for (const format of ['canal-json', 'open-protocol', 'avro', 'maxscale', 'debezium']) {
      assert.deepEqual(OPTIONS.format.type.parse(format, '/'), new Refused(`format ${format} is not supported yet;`));
    }
  });

  it('takes only names that Kafka and PostgreSQL take', () => {
    for (const topic of ['a', 'a.b_c-D9', 'x'.repeat(249)]) assert.equal(OPTIONS.topic.type.parse(topic, '/'), topic);
    for (const topic of ['', '.', '..', 'a b', 'a/b', 'x'.repeat(250)])
      assert.ok((OPTIONS.topic.type.parse(topic, '/') as unknown) instanceof Refused, topic);
    for (const slot of ['', 'Slot', 'a-b', 'x'.repeat(64)])
      assert.ok((OPTIONS.slot.type.parse(slot, '/') as unknown) instanceof Refused, slot);
    for (const name of ['', 'A', '-a', 'a-', 'a.b', '../x', 'x'.repeat(49)]) {
      assert.ok((OPTIONS.changefeed.type.parse(name, '/') as unknown) instanceof Refused, name);
    }
  });
});
