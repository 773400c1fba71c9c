import { MockCluster } from '../../native-bridge/index.ts';

/**
 * librdkafka's mock broker in a process of its own, so that it costs the measured process no CPU. Tells its address, then lives until it
 * is killed.
 */
const cluster = new MockCluster(1);
cluster.createTopic('bench', 4, 1);
process.send!(cluster.bootstrapServers);
process.once('disconnect', () => process.exit(0));
