import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import {
  creationOf,
  namedFailure,
  namedRefusal,
  transactionalId,
  type CheckpointTopicOptions,
} from '../../../engine/produce/checkpoint-topic-terms.ts';

const OPTIONS: CheckpointTopicOptions = {
  name: 'checkpoints',
  changefeed: 'shop',
  replicationFactor: 3,
  credentials: { properties: { 'bootstrap.servers': 'k1:9092' }, secretFiles: {}, tokenFile: null },
  access: 'write',
};

const failure = (error: unknown, reported = 0): MillraceError =>
  namedFailure(error, reported, { shop: 'x'.repeat(1_500_000) }, OPTIONS) as MillraceError;
const aborted = (code: number): MillraceError => new MillraceError('TRANSACTION_ABORTED', 'cannot commit', { librdkafkaCode: code });

test('a topic of three replicas asks two of them to have each checkpoint', () => {
  assert.equal(creationOf(3).config['min.insync.replicas'], '2');
  for (const replicas of [null, 1, 2]) assert.ok(!('min.insync.replicas' in creationOf(replicas).config));
  assert.deepEqual([creationOf(1).partitions, creationOf(1).config['cleanup.policy']], [1, 'compact']);
});

test('changefeeds and topics have transactional ids of their own, which begin with the topic', () => {
  assert.equal(transactionalId('checkpoints', 'shop'), 'checkpoints.shop');
});

test('what is wrong is named with the command that mends it', () => {
  const large = failure(aborted(0), 10);
  assert.equal(large.code, 'CHECKPOINT_TOPIC_UNFIT');
  assert.match(large.message, /has 1500000 bytes.*kafka-configs\.sh --bootstrap-server k1:9092 .*max\.message\.bytes=3000000$/);
  assert.match(failure(aborted(29)).message, /--operation Read --operation Write .* --topic checkpoints$/);
  const id = failure(aborted(53));
  assert.equal(id.code, 'KAFKA_TRANSACTION_UNAUTHORIZED');
  assert.match(id.message, /--operation Write --transactional-id checkpoints\.shop$/);
  assert.match(failure(aborted(7)).message, /topic checkpoints did not take the checkpoint: cannot commit/);
});

test('what is no failure of the topic stays as it is', () => {
  for (const error of [new Error('x'), new MillraceError('PRODUCER_FENCED', 'newer')]) assert.equal(failure(error), error);
  const other = new MillraceError('KAFKA_UNREACHABLE', 'nobody');
  assert.equal(namedRefusal(other, OPTIONS), other);
});

test('a topic that cannot be made is told with the whole command', () => {
  const { message } = namedRefusal(new MillraceError('KAFKA_TOPIC_CREATE', 'not allowed'), OPTIONS) as MillraceError;
  assert.match(
    message,
    /not allowed\. Create it: kafka-topics\.sh --bootstrap-server k1:9092 --create --topic checkpoints --partitions 1 --repl/,
  );
  assert.match(message, /--replication-factor 3 --config cleanup\.policy=compact .* --config min\.insync\.replicas=2$/);
});
