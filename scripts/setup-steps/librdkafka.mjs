import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './report.mjs';

/**
 * What is changed in librdkafka before it is built (docs/decisions/0019). A partition of an idempotent producer with five messages under
 * way gets no further request, but its messages in the queue let the thread of its broker poll without a pause until the answer comes.
 * Answers wake the thread by themselves; the ten milliseconds are for one that another broker's thread gets, after a change of the leader.
 */
const CHANGES = [
  {
    file: 'rdkafka_broker.c',
    from: `                    rkb->rkb_state == RD_KAFKA_BROKER_STATE_UP ? next_wakeup
                                                               : NULL,
                    now, flushing`,
    to: `                    rkb->rkb_state == RD_KAFKA_BROKER_STATE_UP &&
                            !awaits_answer
                        ? next_wakeup
                        : NULL,
                    now, flushing`,
  },
  {
    file: 'rdkafka_broker.c',
    from: `        } else if (max_requests > 0) {
                /* Move messages from locked partition produce queue`,
    to: `        } else if (max_requests > 0) {
                rd_bool_t awaits_answer =
                    rd_kafka_is_idempotent(rkb->rkb_rk) &&
                    rd_atomic32_get(&rktp->rktp_msgs_inflight) >=
                        RD_KAFKA_IDEMP_MAX_INFLIGHT;
                if (awaits_answer)
                        rd_kafka_set_next_wakeup(next_wakeup, now + 10 * 1000);

                /* Move messages from locked partition produce queue`,
  },
];

/** Tells builds with other changes apart. */
export const changesId = createHash('sha256').update(JSON.stringify(CHANGES)).digest('hex').slice(0, 8);

/** @param {string} sources librdkafka's `src` */
export function changeLibrdkafka(sources) {
  for (const { file, from, to } of CHANGES) {
    const path = join(sources, file);
    const text = readFileSync(path, 'utf8');
    if (text.includes(to)) continue;
    if (text.split(from).length !== 2) {
      throw new SetupError(`${file} of librdkafka is not as expected; adapt scripts/setup-steps/librdkafka.mjs to this version`);
    }
    writeFileSync(path, text.replace(from, to));
  }
}
