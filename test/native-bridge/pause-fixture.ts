import { addTopic, createProducer, cutAfterPause, flush, produce } from '../../native-bridge/index.ts';
import { acknowledgeFirst } from '../support/first-messages.ts';
import { TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';

/**
 * A process with a message for a broker that is away. It says `queued`, and `sent` or `kept` once the broker had its time. Arguments:
 * bootstrap servers; milliseconds of a pause after which the connections are cut.
 */
const [servers = '', pauseMs = ''] = process.argv.slice(2);
const FLUSH_MS = 5_000;

const table = new TestTable();
const handle = createProducer({ config: { 'bootstrap.servers': servers, 'enable.idempotence': 'true' }, delivery: table.words });
cutAfterPause(handle, Number(pauseMs));
addTopic(handle, 't', 1, 0, TOPIC_BYTES);
acknowledgeFirst(table.words, 1);
const lane = new TestLane();
produce(lane.id, handle, 0, lane.fill([{ value: 'late' }]), 0);
process.stdout.write('queued\n');
process.stdin.once('data', () => {
  void flush(handle, FLUSH_MS).then((isSent) => {
    process.stdout.write(isSent ? 'sent\n' : 'kept\n');
    process.exit();
  });
});
