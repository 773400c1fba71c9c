/**
 * Producer handles over librdkafka: messages go from shared memory to Kafka in batches, delivery reports are counted in shared memory.
 * Nothing here costs JavaScript anything per message. `layout.ts` describes the memory.
 */
import { MillraceError } from '../engine/base/errors.ts';
import { attempt, binding, fromNative } from './binding.ts';

export { MockCluster } from './mock-cluster.ts';

/** A producer of this process, valid in every thread. */
export type ProducerHandle = number;
/** An attached lane of this thread. */
export type LaneId = number;

/**
 * Most that Kafka's framing adds to a message's key and value: record batch header (61) and record overhead (36).
 * Key and value together may have `maxMessageBytes - MESSAGE_OVERHEAD_BYTES` bytes.
 */
export const MESSAGE_OVERHEAD_BYTES = 97;

export interface ProducerSettings {
  /** librdkafka's properties. `ENFORCED_CONFIG` is added and may not be contradicted. */
  readonly config: Readonly<Record<string, string>>;
  /** The whole delivery table (`LAYOUT.TABLE_WORDS` words), a view on a SharedArrayBuffer. Several producers may share one. */
  readonly delivery: Int32Array;
  /**
   * For the bench: a file that gets, for each delivered message, {i64 first integer in the key, i64 CLOCK_MONOTONIC nanoseconds of its
   * report}, little-endian, written at least once a second and on close.
   */
  readonly stampsPath?: string;
}

/**
 * What no configuration may change, with the reason.
 * `message.timeout.ms`: a message that times out would be lost while later ones go out. Topics that do not exist are an error, not created
 * with the broker's defaults. Every report is counted, so every report must come.
 */
export const ENFORCED_CONFIG = {
  'message.timeout.ms': '0',
  'allow.auto.create.topics': 'false',
  'delivery.report.only.error': 'false',
} as const;
const ENFORCED_ALIASES: Readonly<Record<string, keyof typeof ENFORCED_CONFIG>> = { 'delivery.timeout.ms': 'message.timeout.ms' };

/**
 * Starts a producer; idempotent or transactional as its configuration says. It ends with `close`, or with the thread that created it.
 * Throws `KAFKA_CONFIG_INVALID` for a property that librdkafka does not take or that contradicts `ENFORCED_CONFIG`.
 */
export function createProducer(settings: ProducerSettings): ProducerHandle {
  return attempt(() => binding.createProducer(enforced(settings.config), settings.delivery, settings.stampsPath ?? ''));
}

/** The configuration with `ENFORCED_CONFIG`; throws for what contradicts it. */
function enforced(config: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(config)) {
    const property = ENFORCED_ALIASES[name] ?? name;
    if (property in ENFORCED_CONFIG && value !== ENFORCED_CONFIG[property as keyof typeof ENFORCED_CONFIG]) {
      const accepted = ENFORCED_CONFIG[property as keyof typeof ENFORCED_CONFIG];
      throw new MillraceError(
        'KAFKA_CONFIG_INVALID',
        `${name} is ${value}; only ${accepted} keeps the delivery guarantees. Leave it out.`,
        {
          property: name,
        },
      );
    }
  }
  return { ...config, ...ENFORCED_CONFIG };
}

/** User and password of PLAIN and SCRAM for every login from now on; connections that stand stay. */
export function setCredentials(handle: ProducerHandle, user: string, password: string): void {
  attempt(() => binding.setCredentials(handle, user, password));
}

/** Of OAUTHBEARER. */
export interface Token {
  readonly text: string;
  /** Unix milliseconds. */
  readonly expiresMs: number;
  readonly principal: string;
}

/** Token for every login from now on. Before the first one nobody logs in. */
export function setToken(handle: ProducerHandle, { text, expiresMs, principal }: Token): void {
  attempt(() => binding.setToken(handle, text, String(expiresMs), principal));
}

/**
 * Goes on with new properties, for what librdkafka reads only once, such as certificates. Handle, topics and delivery table stay;
 * `produce` takes nothing meanwhile, as if the queue were full. What was sent before is acknowledged first, so nothing is sent twice.
 *
 * Rejects, and goes on as before, with `KAFKA_CONFIG_INVALID` for properties that librdkafka does not take, `KAFKA_UNREACHABLE` when no
 * broker answers to them, `KAFKA_RENEWAL_STUCK` when what was sent before was not acknowledged. Each of the two has `timeoutMs`. Not for
 * transactional producers.
 */
export async function renewProducer(
  handle: ProducerHandle,
  config: Readonly<Record<string, string>>,
  token: Token | null,
  timeoutMs: number,
): Promise<void> {
  const { text, expiresMs, principal } = token ?? { text: '', expiresMs: 0, principal: '' };
  await attemptAsync(() => binding.renewProducer(handle, enforced(config), timeoutMs, text, String(expiresMs), principal));
}

/**
 * Makes a topic known to a producer and returns the index that message descriptors name it by. Partition p is counted in the delivery
 * table's target `targetBase + p`. `maxMessageBytes` is the topic's `max.message.bytes`: `produce` refuses what is larger, and the
 * producer's `batch.size` must not be above it (`KAFKA_CONFIG_INVALID`), because a broker refuses whole batches.
 */
export function addTopic(
  handle: ProducerHandle,
  name: string,
  partitionCount: number,
  targetBase: number,
  maxMessageBytes: number,
): number {
  return attempt(() => binding.addTopic(handle, name, partitionCount, targetBase, maxMessageBytes));
}

/**
 * Registers a thread's memory: `slab` holds keys and values, `messages` the descriptors (`LAYOUT.MESSAGE_*`), both views on shared memory.
 * They are held until `detachLane` or the thread's end. A lane is used by the thread that attached it only.
 */
export function attachLane(memory: { readonly slab: Uint8Array; readonly messages: Int32Array }): LaneId {
  return attempt(() => binding.attachLane(memory.slab, memory.messages));
}

export function detachLane(lane: LaneId): void {
  binding.detachLane(lane);
}

/**
 * Hands the descriptors [first, first + count) to librdkafka, which copies keys and values before this returns. They must lie grouped in
 * runs of equal topic and partition. While the producer's queue is full it waits, in all `waitMs` at most.
 *
 * Returns how many were accepted: always a prefix. The caller gives exactly the rest again before anything else. Accepted messages are
 * counted in their epoch and target before they can be reported.
 *
 * Throws before anything of the call is given to librdkafka: `MESSAGE_TOO_LARGE`, `UNKNOWN_PARTITION` (details: topic, partition, table,
 * epochSlot, rowInEpoch), `PRODUCER_CLOSED`. Throws `PRODUCE_REFUSED` when librdkafka accepts nothing any more, for example after a fatal
 * error; its detail `accepted` says how many of this call were taken before.
 */
export function produce(lane: LaneId, handle: ProducerHandle, first: number, count: number, waitMs: number): number {
  try {
    return binding.produce(lane, handle, first, count, waitMs);
  } catch (error) {
    throw fromNative(error);
  }
}

/**
 * Hands over one message with headers, counted as those of `produce` are; dear, and for few messages. `message` is its descriptor
 * (`LAYOUT.MESSAGE_*`), whose offsets are into `bytes`; `headers` holds names and values in turn, each behind its length (32 bits, little
 * end first). Any thread may call it, for topics that get no messages by `produce`. Waits at most `waitMs` while there is no room.
 *
 * Returns whether it was accepted. Throws as `produce` does, and `INTERNAL` for a message that is larger than its topic takes.
 */
export function produceHeaded(
  handle: ProducerHandle,
  message: Int32Array,
  bytes: Uint8Array,
  headers: Uint8Array,
  waitMs: number,
): boolean {
  return attempt(() => binding.produceHeaded(handle, message, bytes, headers, waitMs)) === 1;
}

/** Sends without lingering and waits for every report. False when `timeoutMs` passes first; nothing is dropped then. */
export function flush(handle: ProducerHandle, timeoutMs: number): Promise<boolean> {
  return attemptAsync(() => binding.flush(handle, timeoutMs));
}

/** Drops what is queued and in flight. Each dropped message poisons its epoch: it may or may not have reached the broker. */
export function purge(handle: ProducerHandle): void {
  attempt(() => binding.purge(handle));
}

/**
 * Ends the producer's connections at once and lets it open no other: what it has queued stays here. What was given to the kernel is still
 * sent. For a producer that is closed next.
 */
export function cutConnections(handle: ProducerHandle): void {
  binding.cutConnections(handle);
}

/**
 * Cuts the connections by itself when this process comes back after it stood still (SIGSTOP, a frozen container) for so long: before
 * anything else can have much of its turn, unlike JavaScript. The caller notices the pause by its own clock and closes the producer.
 */
export function cutAfterPause(handle: ProducerHandle, milliseconds: number): void {
  attempt(() => binding.cutAfterPause(handle, milliseconds));
}

/**
 * Refuses new messages, flushes for at most `timeoutMs`, purges what is left, and frees the producer. True when nothing had to be purged.
 * Call it in the thread that created the producer.
 */
export async function close(handle: ProducerHandle, timeoutMs: number): Promise<boolean> {
  const delivered = await attemptAsync(() => binding.closeProducer(handle, timeoutMs));
  binding.releaseProducer(handle);
  return delivered;
}

const Step = { init: 0, begin: 1, commit: 2, abort: 3 } as const;

/**
 * Registers the producer's `transactional.id` with its coordinator and fences earlier producers of it. Once, before the first transaction.
 *
 * All four steps reject with `PRODUCER_FENCED` when a newer producer has the id, `TRANSACTION_ABORTED` when the transaction can only be
 * aborted, and `TRANSACTION_FAILED` for the rest, a passed deadline included (the step may then be called again).
 */
export async function initTransactions(handle: ProducerHandle, timeoutMs: number): Promise<void> {
  await attemptAsync(() => binding.transaction(handle, Step.init, timeoutMs));
}

/** Begins a transaction; `produce` is refused (`PRODUCE_REFUSED`) outside of one. */
export async function beginTransaction(handle: ProducerHandle): Promise<void> {
  await attemptAsync(() => binding.transaction(handle, Step.begin, 0));
}

/** Flushes and commits. Rejects when any message of the transaction failed. */
export async function commitTransaction(handle: ProducerHandle, timeoutMs: number): Promise<void> {
  await attemptAsync(() => binding.transaction(handle, Step.commit, timeoutMs));
}

/**
 * Aborts: what is queued is purged and poisons its epochs. What had been delivered inside the transaction stays counted as delivered though
 * no `read_committed` consumer sees it: whoever aborts restarts from its checkpoint.
 */
export async function abortTransaction(handle: ProducerHandle, timeoutMs: number): Promise<void> {
  await attemptAsync(() => binding.transaction(handle, Step.abort, timeoutMs));
}

/**
 * Writes records, value by key, into partition 0 of a topic (`addTopic`) in one transaction; an empty value is a tombstone. Resolves when
 * all of them are committed, however long brokers are away; what cannot be written, as a whole, rejects as the steps do. For a producer
 * that sends nothing else, one call at a time.
 */
export async function writeRecords(handle: ProducerHandle, topic: number, records: Readonly<Record<string, string>>): Promise<void> {
  await attemptAsync(() => binding.writeRecords(handle, topic, records));
}

let deliveryCallback: (() => void) | null = null;

/**
 * Calls back in this thread, every 5 ms at most, after an epoch of a producer that this thread created ended or was poisoned
 * (`HEADER_CHANGES` moved), or after an error event came. A later call replaces the callback. Does not keep the thread alive.
 */
export function onDelivery(callback: () => void): void {
  if (deliveryCallback === null) attempt(() => binding.onDelivery(() => deliveryCallback?.()));
  deliveryCallback = callback;
}

/** What librdkafka tells beside delivery reports. */
export type NativeEvent =
  /** Every `statistics.interval.ms`: librdkafka's statistics, JSON. Only the newest is kept. */
  | { readonly kind: 'stats'; readonly json: string }
  /** Lost connections and the like, which librdkafka mends itself; after a fatal one the producer accepts nothing more. */
  | { readonly kind: 'error'; readonly code: number; readonly name: string; readonly message: string; readonly fatal: boolean }
  /** A log line; `level` as syslog has it, 0 to 7. */
  | { readonly kind: 'log'; readonly level: number; readonly facility: string; readonly message: string }
  /** A broker's quota has held a request back for so many milliseconds; 0 when it does no more. */
  | { readonly kind: 'throttle'; readonly broker: string; readonly ms: number };

/** All events since the last call, oldest first. */
export function takeEvents(handle: ProducerHandle): NativeEvent[] {
  return attempt(() => binding.takeEvents(handle)) as NativeEvent[];
}

/** Messages, and bytes of their keys and values, that librdkafka holds: queued, in flight, and not yet reported. */
export function queueDepth(handle: ProducerHandle): { messages: number; bytes: number } {
  return attempt(() => binding.queueDepth(handle));
}

/** Name and meaning of one of librdkafka's error codes, `MSG_SIZE_TOO_LARGE: Broker: Message size too large`. */
export function errorText(code: number): string {
  return binding.errorText(code);
}

/** A file that this process owns; the lock ends with the process, however that ends. */
export interface FileLock {
  unlock(): void;
}

/**
 * Creates the file if need be and locks it against other processes and other calls. Null when it is locked already.
 * Throws `LOCK_FAILED` when it cannot be opened.
 */
export function lockFile(path: string): FileLock | null {
  const file = attempt(() => binding.lockFile(path));
  if (file < 0) return null;
  let held = true;
  return {
    unlock: () => {
      if (held) binding.unlockFile(file);
      held = false;
    },
  };
}

/**
 * Sends a datagram to a service manager, as `sd_notify` of systemd does: `address` is what NOTIFY_SOCKET holds, a path or `@` and an
 * abstract name. Never waits. Returns false when it was not taken, because nobody reads there or the reader is behind.
 */
export function notifyServiceManager(address: string, message: string): boolean {
  return binding.notify(address, message) === 0;
}

/** CLOCK_MONOTONIC in nanoseconds: the clock of the stamps file, the same in every process of the machine. */
export function monotonicNanos(): bigint {
  return binding.monotonicNanos();
}

/** Version of the librdkafka that is loaded. */
export function librdkafkaVersion(): string {
  return binding.loadedVersionText;
}

async function attemptAsync<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromNative(error);
  }
}
