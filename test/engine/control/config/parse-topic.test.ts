import assert from 'node:assert/strict';
import { it } from 'node:test';
import { topicTemplate } from '../../../../engine/control/config/parse-topic.ts';
import { Refused } from '../../../../engine/control/config/parse.ts';

it('a topic is a name of Kafka or a template that can make one', () => {
  const type = topicTemplate();
  assert.equal(type.parse('cdc.%{schema}.%{table}', '/'), 'cdc.%{schema}.%{table}');
  assert.deepEqual(type.parse('%{db}', '/'), new Refused('%{db} stands for nothing;'));
  assert.deepEqual(type.parse('a b', '/'), new Refused(''));
});
