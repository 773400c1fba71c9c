import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { firstOf, settleLayer, type Findings } from '../../../../engine/control/config/layers.ts';
import { tempDir } from '../../../support/temp.ts';

const given = (name: string, text: string) => ({ source: name.toLowerCase(), name, text });

describe('a layer', () => {
  it('has each option and property once, under whatever name it was given', () => {
    const found: Findings = { problems: [], warnings: [] };
    const layer = settleLayer([given('KAFKA_TOPIC', 'a'), given('TOPIC', 'a'), given('KAFKA_SOCKET_TIMEOUT_MS', '7')], '/', found);
    assert.deepEqual(
      [...layer].map(([meaning, { text }]) => [meaning, text]),
      [
        ['topic', 'a'],
        ['kafka:socket.timeout.ms', '7'],
      ],
    );
    assert.deepEqual(found, { problems: [], warnings: [] });
  });

  it('says what it does not take', () => {
    const found: Findings = { problems: [], warnings: [] };
    const layer = settleLayer([given('TOPIC', 'a'), given('KAFKA_TOPIC', 'b'), given('TOPIK', 'c'), given('MOUNTER', '1')], '/', found);
    assert.equal(layer.size, 1);
    assert.deepEqual(found.problems, [
      'topic and kafka_topic mean the same and were given "a" and "b": keep one of them',
      'topik is not an option; did you mean topic?',
    ]);
    assert.deepEqual(found.warnings, ['mounter is ignored: it has no meaning here']);
  });

  it('reads secrets from files', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'password'), 'hunter2\n');
    const found: Findings = { problems: [], warnings: [] };
    const layer = settleLayer([given('SASL_PASSWORD_FILE', 'password'), given('SOURCE_PASSWORD_FILE', 'missing')], cwd, found);
    assert.deepEqual([...layer.values()], [{ ...given('SASL_PASSWORD_FILE', 'hunter2'), file: join(cwd, 'password') }]);
    assert.match(found.problems.join(), /^source_password_file: the file "missing" cannot be read \(ENOENT\)/);
  });

  it('yields to those before it', () => {
    const found: Findings = { problems: [], warnings: [] };
    const layers = ['a', 'b'].map((text) => settleLayer([given('TOPIC', text)], '/', found));
    assert.equal(firstOf([new Map(), ...layers], 'topic')?.text, 'a');
    assert.equal(firstOf(layers, 'slot'), undefined);
  });
});
