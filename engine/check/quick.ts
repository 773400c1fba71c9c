import { clusterBrokers } from '../../native-bridge/admin.ts';
import { MillraceError } from '../base/errors.ts';
import type { Config } from '../control/config/config.ts';
import type { Hooks } from '../opening.ts';
import type { Sink } from '../produce/sink.ts';
import { tellListeners } from './sink-connection.ts';
import { SINK_STEPS } from './step-names.ts';
import { Steps } from './steps.ts';
import { tellWritable } from './topic-steps.ts';

const METADATA_MS = 5_000;

/**
 * The half of `millrace check` that each start takes for Kafka, once its topics are open and before anything is created in the database,
 * whose half is the preflight.
 * @param isRestart the changefeed ran before: what fails is told, and tried all the same
 * @throws MillraceError KAFKA_LISTENERS, KAFKA_TOPIC_UNAUTHORIZED, KAFKA_TOPIC_UNWRITABLE
 */
export async function checkQuickly(sink: Sink, config: Config, isRestart: boolean, hooks: Hooks): Promise<void> {
  const steps = new Steps('sink', SINK_STEPS);
  await tellListeners(await clusterBrokers(sink.producer, METADATA_MS), steps);
  for (const facts of sink.topics.all) {
    // One that was made just now may have no leaders for a moment.
    if (!facts.created) tellWritable({ facts, config }, steps);
  }
  for (const { subject, state, found, code, remedies } of steps.taken) {
    if (state !== 'warn' && state !== 'fail') continue;
    const about = subject === null ? '' : `topic ${subject}: `;
    const message = `${about}${found}. ${remedies.map(({ text }) => text).join('; ')}`;
    if (code !== null && !isRestart) throw new MillraceError(code, message, subject === null ? {} : { topic: subject });
    hooks.warn('TOPIC', message);
  }
}
