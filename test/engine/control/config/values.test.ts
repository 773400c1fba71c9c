import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settleLayer, type Layer } from '../../../../engine/control/config/layers.ts';
import { readValue, readValues } from '../../../../engine/control/config/values.ts';

function layer(values: Readonly<Record<string, string>>): Layer {
  const given = Object.entries(values).map(([name, text]) => ({ source: name, name, text }));
  return settleLayer(given, '/', { problems: [], warnings: [] });
}

describe('values', () => {
  it('come of the first layer that has them, else are the defaults', () => {
    const problems: string[] = [];
    const layers = [
      layer({ TOPIC: 'a', KAFKA_CLIENT_ID: 'x' }),
      layer({ TOPIC: 'b', WORKERS: '3', KAFKA_CLIENT_ID: 'y', KAFKA_DEBUG: 'all' }),
    ];
    const { values, properties, sources } = readValues(layers, [], '/srv', problems);
    assert.deepEqual([values.topic, values.workers, values.stateDir, values.slot], ['a', 3, '/srv/millrace-state', null]);
    assert.deepEqual(properties, { 'client.id': 'x', debug: 'all' });
    assert.deepEqual(
      [...sources],
      [
        ['topic', 'TOPIC'],
        ['workers', 'WORKERS'],
      ],
    );
    assert.deepEqual(problems, []);
  });

  it('that are not accepted, or missing, are problems', () => {
    const problems: string[] = [];
    const { values } = readValues([layer({ WORKERS: '0', SOURCE_URL: 'hunter2' })], ['topic'], '/', problems);
    assert.deepEqual([values.workers, values.sourceUrl, values.topic], [null, null, null]);
    assert.deepEqual(
      problems.map((problem) => problem.split(/[,;(]/, 1)[0]!.trim()),
      ['SOURCE_URL: given a value that is not shown', 'MILLRACE_TOPIC is missing', 'WORKERS: given "0"'],
    );
  });

  it('can be read one by one', () => {
    assert.equal(readValue('memory', { source: 's', name: 'MEMORY', text: '64MB' }, [], '/', []), 64_000_000);
    assert.equal(readValue('memory', undefined, [], '/', []), 160_000_000);
  });
});
