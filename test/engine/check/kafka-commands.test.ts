import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowCommand, alterTopicCommand, createTopicCommand, principalOf, reassignCommand } from '../../../engine/check/kafka-commands.ts';

const PLACE = { bootstrapServers: 'a:9092,b:9092' };

test('commands as they are typed', () => {
  assert.equal(
    createTopicCommand(PLACE, 'shop', 3, 2),
    'kafka-topics.sh --bootstrap-server a:9092,b:9092 --create --topic shop --partitions 3 --replication-factor 2',
  );
  assert.equal(
    createTopicCommand(PLACE, 'shop', 3, null),
    'kafka-topics.sh --bootstrap-server a:9092,b:9092 --create --topic shop --partitions 3',
  );
  assert.equal(
    alterTopicCommand(PLACE, 'shop', 'retention.ms', 1),
    'kafka-configs.sh --bootstrap-server a:9092,b:9092 --alter --topic shop --add-config retention.ms=1',
  );
  assert.equal(
    allowCommand(PLACE, 'User:a b', ['Write', 'Describe'], '--topic shop'),
    "kafka-acls.sh --bootstrap-server a:9092,b:9092 --add --allow-principal 'User:a b' --operation Write --operation Describe --topic shop",
  );
});

test('replicas are spread: each broker leads as many partitions as another', () => {
  const command = reassignCommand(PLACE, 'shop', 4, [1, 2, 5], 2);
  const { partitions } = JSON.parse(/echo '(.*)'\)/.exec(command)![1]!) as { partitions: { replicas: number[] }[] };
  assert.deepEqual(
    partitions.map(({ replicas }) => replicas),
    [
      [1, 2],
      [2, 5],
      [5, 1],
      [1, 2],
    ],
  );
});

test('who is logged in', () => {
  assert.equal(principalOf({}), 'User:ANONYMOUS');
  assert.equal(principalOf({ 'security.protocol': 'SASL_SSL', 'sasl.username': 'app' }), 'User:app');
  assert.match(principalOf({ 'security.protocol': 'ssl' }), /distinguished name/);
  assert.match(principalOf({ 'security.protocol': 'SASL_SSL' }), /name of the login/);
});
