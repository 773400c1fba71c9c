import { join } from 'node:path';
import { cacheRoot } from './paths.ts';

/** Where `scripts/setup` puts the jars of Apache Kafka; it exists only once all of them are there. */
export const kafkaJars: string = join(cacheRoot, 'kafka/libs');

/** The same for the oldest Kafka that Millrace works with. */
export const oldestKafkaJars: string = join(cacheRoot, 'kafka-oldest/libs');

/** The same for what reads messages as Apache Flink does. */
export const flinkJars: string = join(cacheRoot, 'flink/libs');
