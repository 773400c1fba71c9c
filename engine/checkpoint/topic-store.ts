import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../base/assert.ts';
import { MillraceError } from '../base/errors.ts';
import { loadCopies } from './copies.ts';
import { awaitSilence, LEASE, type Lease } from './lease.ts';
import { LatestWriter } from './latest-writer.ts';
import { encodeOwner, type Owner } from './owner.ts';
import { fencedError, stoodStill } from './ownership-errors.ts';
import { encodeRecord, isNewer, recordOf, type CheckpointContent, type CheckpointRecord } from './record.ts';
import type { RecordTopic } from './record-topic.ts';
import { createStateDirectory, directoryIdentity, lockState, type FileLock, type LockFile } from './state-directory.ts';
import type { CheckpointStore, LostOwnership, StoreWarning } from './store.ts';
import { keysOf, TopicLog } from './topic-log.ts';

export interface TopicStoreOptions {
  /** Closed with the store, and when it cannot be opened. */
  readonly topic: RecordTopic;
  /** `MILLRACE_STATE_DIR`: holds the lock against other processes of this machine, and nothing that may not be lost. */
  readonly root: string;
  readonly changefeed: string;
  readonly lock: LockFile;
  /** Milliseconds since 1970, for what operators read. */
  readonly now: () => number;
  readonly host: string;
  /** A checkpoint in the state directory is in the way, or comes into the topic where it is the newer one. */
  readonly file: 'refuse' | 'adopt';
  /** What cannot be read counts as nothing. */
  readonly discardsUnreadable?: boolean;
  readonly lease?: Lease;
}

/**
 * Opens the checkpoint in a topic and becomes its only owner:
 *
 *   lock of the state directory ──► look who owns it ──► somebody elsewhere? wait for a silence ──► fence the writers before
 *     ──► read to the end: nothing older can come any more ──► claim: owner and checkpoint under a new generation, in one transaction
 *
 * The first look takes what is written, committed or not: a transaction that a killed owner left open hides what follows it, and only the
 * fence ends it.
 *
 * Whoever owned it before can write nothing from the fence on, whatever it believes. An owner gives a sign of life when it has stored
 * nothing for a while, so that nobody fences one that lives; that is a courtesy, and what is stored does not depend on it.
 *
 * @throws MillraceError of the state's codes and of Kafka's; `STATE_LOCKED` names an owner that lives
 */
export async function openTopicStore(options: TopicStoreOptions): Promise<TopicStore> {
  const { topic, changefeed, lease = LEASE } = options;
  let lock: FileLock | null = null;
  try {
    const directory = await createStateDirectory(options.root, changefeed);
    lock = await lockState(directory, options.lock);
    const { record: inFile } = await loadCopies(directory, changefeed);
    if (options.file === 'refuse' && inFile !== null) throw fileInTheWay(directory, topic.name);
    const identity = await directoryIdentity(directory);
    const before = new TopicLog(topic, changefeed);
    await before.read('written');
    // Whose lock we hold has ended.
    if (before.owner !== null && before.owner.directory !== identity) await awaitSilence(before, lease, topic.name);
    await topic.becomeWriter();
    const log = new TopicLog(topic, changefeed);
    await log.read('committed');
    const damage = options.discardsUnreadable === true ? [] : log.damage();
    const store = new TopicStore(options, { directory, identity, lock, log, damage, record: newest(log.record, inFile) });
    await store.claim();
    return store;
  } catch (error) {
    lock?.unlock();
    await topic.close();
    throw error;
  }
}

function newest(a: CheckpointRecord | null, b: CheckpointRecord | null): CheckpointRecord | null {
  if (a === null || b === null) return a ?? b;
  return isNewer(b, a) ? b : a;
}

function fileInTheWay(directory: string, topic: string): MillraceError {
  const message =
    `${directory} holds a checkpoint, and MILLRACE_CHECKPOINT_STORE=topic keeps it in topic ${topic}. ` +
    'Run `millrace position move topic` to take it there, or set MILLRACE_CHECKPOINT_STORE=file.';
  return new MillraceError('STATE_ELSEWHERE', message, { directory, topic });
}

/** What was found when the store was opened. */
interface Found {
  readonly directory: string;
  readonly identity: string;
  readonly lock: FileLock;
  readonly log: TopicLog;
  readonly damage: readonly string[];
  readonly record: CheckpointRecord | null;
}

/** How long an end waits for brokers that are away. */
const CLOSE_MS = 3_000;
const TICK_MS = 1_000;

export class TopicStore implements CheckpointStore {
  readonly loaded: CheckpointRecord | null;
  readonly generation: number;
  readonly warnings: readonly StoreWarning[];
  readonly lost: Promise<LostOwnership>;
  readonly directory: string;
  private readonly options: TopicStoreOptions;
  private readonly lease: Lease;
  private readonly lock: FileLock;
  private readonly log: TopicLog;
  private readonly writer = new LatestWriter<CheckpointContent>((content) => this.write(this.valuesOf(content)));
  private owner: Owner;
  private sequence = 0;
  /** One transaction at a time. */
  private turn: Promise<unknown> = Promise.resolve();
  private lastWriteMs = 0;
  private lastTickMs = performance.now();
  private isBeating = false;
  private timer: NodeJS.Timeout | undefined = undefined;
  private tellLost: (lost: LostOwnership) => void = () => {};
  /** Why this is the owner no more; null while it is. */
  private gone: LostOwnership | null = null;
  private isClosed = false;

  constructor(options: TopicStoreOptions, { directory, identity, lock, log, damage, record }: Found) {
    this.options = options;
    this.lease = options.lease ?? LEASE;
    this.directory = directory;
    this.lock = lock;
    this.log = log;
    this.loaded = record;
    this.generation = Math.max(log.nextGeneration, (record?.generation ?? 0) + 1);
    this.warnings = damage.map((reason) => damageWarning(reason, options.topic.name));
    const since = new Date(options.now()).toISOString();
    this.owner = { generation: this.generation, beat: 0, host: options.host, pid: process.pid, since, directory: identity };
    this.lost = new Promise((resolve) => {
      this.tellLost = resolve;
    });
  }

  /** Makes the owner known, and what it goes on from its own; once, before anything else. */
  async claim(): Promise<void> {
    const { loaded } = this;
    await this.write({ ...(loaded === null ? {} : this.valuesOf(loaded)), ...this.signOfLife() });
    this.timer = setInterval(() => this.tick(performance.now()), Math.min(TICK_MS, this.lease.beatMs));
    this.lastTickMs = performance.now();
  }

  store(content: CheckpointContent): Promise<void> {
    assert(!this.isClosed, 'a closed store is not written to');
    return this.writer.put(content);
  }

  /** Takes the checkpoint out of the topic; nothing is stored after it. */
  async clear(): Promise<void> {
    await this.write({ [keysOf(this.options.changefeed).record]: '' });
  }

  async renewCredentials(changed: readonly string[]): Promise<void> {
    const { topic } = this.options;
    await topic.renewCredentials(changed, async () => {
      await this.log.read('committed');
      if (this.log.owner === null || this.log.owner.generation <= this.generation) return;
      throw await this.lose(() => fencedError(this.log, this.generation, topic.name)).why;
    });
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.timer);
    const ended = this.writer.settled().then(() => this.write({ [keysOf(this.options.changefeed).owner]: '' }));
    // Without it the next owner elsewhere waits for a silence.
    await Promise.race([ended.catch(() => undefined), delay(CLOSE_MS, undefined, { ref: false })]);
    await this.options.topic.close();
    this.lock.unlock();
  }

  private valuesOf(content: CheckpointContent): Record<string, string> {
    this.sequence += 1;
    const { changefeed, now } = this.options;
    const { generation, sequence } = this;
    const mark = { changefeed, generation, sequence, writtenAt: new Date(now()).toISOString() };
    return { [keysOf(changefeed).record]: encodeRecord(recordOf(content, mark)).toString() };
  }

  private signOfLife(): Record<string, string> {
    this.owner = { ...this.owner, beat: this.owner.beat + 1 };
    return { [keysOf(this.options.changefeed).owner]: encodeOwner(this.owner) };
  }

  private async write(values: Record<string, string>): Promise<void> {
    await this.inTurn(async () => {
      if (this.gone !== null) throw await this.gone.why;
      try {
        await this.options.topic.write(values);
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'PRODUCER_FENCED') throw error;
        throw await this.lose(() => fencedError(this.log, this.generation, this.options.topic.name)).why;
      }
      this.lastWriteMs = performance.now();
    });
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    await done;
  }

  private tick(nowMs: number): void {
    const stoodMs = nowMs - this.lastTickMs;
    this.lastTickMs = nowMs;
    if (stoodMs >= this.lease.pauseMs) this.lose(async () => stoodStill(stoodMs, this.options.topic.name));
    if (this.gone !== null || this.isBeating || nowMs - this.lastWriteMs < this.lease.beatMs) return;
    this.isBeating = true;
    // What fails for good is told to whoever stores next.
    this.write(this.signOfLife())
      .catch(() => undefined)
      .finally(() => {
        this.isBeating = false;
      });
  }

  private lose(why: () => Promise<MillraceError>): LostOwnership {
    if (this.gone !== null) return this.gone;
    this.gone = { why: why() };
    this.tellLost(this.gone);
    return this.gone;
  }
}

function damageWarning(reason: string, topic: string): StoreWarning {
  const message = `${reason} The checkpoint was read from the newest record that can be; the source's own position is held against it.`;
  return { message, details: { topic } };
}
