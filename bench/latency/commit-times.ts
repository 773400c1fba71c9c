import { secondsBetween } from '../measure/clock.ts';
import { commitsOf, dueAfter, firstMeasured, type Schedule } from './schedule.ts';

/** When the load's commits happened, in nanoseconds of the monotonic clock, by index. */
export class CommitTimes {
  /** One block, so that it goes to a file and back as it is: the schedule's start, then `sent`, then `answered`. */
  readonly words: BigInt64Array;
  readonly sent: BigInt64Array;
  readonly answered: BigInt64Array;
  readonly #schedule: Schedule;

  /** @param words what another `CommitTimes` of the same schedule held; new and empty by default */
  constructor(schedule: Schedule, words?: BigInt64Array) {
    const commits = commitsOf(schedule);
    this.#schedule = schedule;
    this.words = words ?? new BigInt64Array(1 + 2 * commits);
    if (this.words.length !== 1 + 2 * commits) throw new Error(`times of another schedule than one of ${commits} commits`);
    this.sent = this.words.subarray(1, 1 + commits);
    this.answered = this.words.subarray(1 + commits);
  }

  get start(): bigint {
    return this.words[0]!;
  }

  set start(time: bigint) {
    this.words[0] = time;
  }

  /** Commits per second of the measured part, from when its first was due to its last answer. */
  get achievedRate(): number {
    const first = firstMeasured(this.#schedule);
    const answered = this.answered.subarray(first);
    const last = answered.reduce((latest, time) => (time > latest ? time : latest), 0n);
    return answered.length / secondsBetween(this.start + dueAfter(this.#schedule, first), last);
  }

  /** Milliseconds from sending each measured commit to its answer, ascending. */
  get commitMs(): Float64Array {
    const first = firstMeasured(this.#schedule);
    const answered = this.answered.subarray(first);
    return Float64Array.from(answered, (time, index) => Number(time - this.sent[first + index]!) / 1e6).sort();
  }
}
