import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { MillraceError, type ErrorDetails } from '../engine/base/errors.ts';
import { CODES, type Code } from '../engine/base/codes.ts';
import { layoutDigest } from './layout-digest.ts';

/** What the addon exports; `index.ts`, `mock-cluster.ts`, `row-encoder.ts`, `socket-reader.ts` and `zstd-reader.ts` describe the functions. */
interface Binding {
  readonly layoutDigest: number;
  readonly compiledVersion: number;
  readonly loadedVersion: number;
  readonly loadedVersionText: string;

  createProducer(config: Readonly<Record<string, string>>, delivery: Int32Array, stampsPath: string): number;
  addTopic(handle: number, name: string, partitionCount: number, targetBase: number, maxMessageBytes: number): number;
  attachLane(slab: Uint8Array, messages: Int32Array): number;
  detachLane(lane: number): void;
  produce(lane: number, handle: number, first: number, count: number, waitMs: number): number;
  produceHeaded(handle: number, message: Int32Array, bytes: Uint8Array, headers: Uint8Array, waitMs: number): number;
  flush(handle: number, timeoutMs: number): Promise<boolean>;
  purge(handle: number): void;
  cutConnections(handle: number): void;
  cutAfterPause(handle: number, milliseconds: number): void;
  closeProducer(handle: number, timeoutMs: number): Promise<boolean>;
  releaseProducer(handle: number): void;
  setCredentials(handle: number, user: string, password: string): void;
  setToken(handle: number, token: string, expiresMs: string, principal: string): void;
  renewProducer(
    handle: number,
    config: Readonly<Record<string, string>>,
    timeoutMs: number,
    token: string,
    expiresMs: string,
    principal: string,
  ): Promise<boolean>;
  transaction(handle: number, step: number, timeoutMs: number): Promise<boolean>;
  writeRecords(handle: number, topic: number, records: Readonly<Record<string, string>>): Promise<boolean>;
  topicMetadata(handle: number, topic: string, timeoutMs: number): Promise<Record<string, string>>;
  describeTopic(handle: number, topic: string, timeoutMs: number): Promise<Record<string, string> | false>;
  createTopic(
    handle: number,
    topic: string,
    partitions: number,
    replicationFactor: number,
    timeoutMs: number,
    config: Readonly<Record<string, string>>,
  ): Promise<boolean>;
  readTopic(
    config: Readonly<Record<string, string>>,
    topic: string,
    from: string,
    keys: Readonly<Record<string, string>>,
    bytesMax: number,
    timeoutMs: number,
    token: string,
    expiresMs: string,
    principal: string,
    waits: number,
  ): Promise<Record<string, string>>;
  clusterBrokers(handle: number, timeoutMs: number): Promise<Record<string, string>>;
  inspectTopic(handle: number, topic: string, timeoutMs: number): Promise<Record<string, string> | false>;
  clusterOperations(handle: number, timeoutMs: number): Promise<Record<string, string> | false>;
  onDelivery(callback: () => void): void;
  takeEvents(handle: number): unknown;
  queueDepth(handle: number): { messages: number; bytes: number };
  errorText(code: number): string;
  lockFile(path: string): number;
  unlockFile(file: number): void;
  notify(address: string, message: string): number;
  monotonicNanos(): bigint;

  startSocketReader(fd: number, control: Int32Array, data: Uint8Array, onReadable: () => void): number;
  resumeSocketReader(id: number): void;
  closeSocketReader(id: number): void;
  setReceiveBuffer(fd: number, bytes: number): number;

  createRowEncoder(ring: Uint8Array, slab: Uint8Array, messages: Int32Array, targets: Int32Array, state: Int32Array): number;
  addRowProgram(id: number, schemaId: number, words: Int32Array, constants: Uint8Array): void;
  addPackedProgram(
    id: number,
    schemaId: number,
    words: Int32Array,
    constants: Uint8Array,
    layoutWords: Int32Array,
    layoutConstants: Uint8Array,
  ): void;
  encodeRows(id: number, claimed: number): number;
  closeRowEncoder(id: number): void;

  createZstdReader(windowLogMax: number): number;
  resetZstdReader(id: number): void;
  readZstd(id: number, input: Uint8Array, end: number, output: Uint8Array, state: Int32Array): void;
  closeZstdReader(id: number): void;

  startMock(brokers: number): number;
  mockServers(mock: number): string;
  mockCreateTopic(mock: number, name: string, partitions: number, replication: number): void;
  mockSetUp(mock: number, broker: number, up: number): void;
  mockSetLeader(mock: number, topic: string, partition: number, broker: number): void;
  mockSetRoundTrip(mock: number, broker: number, milliseconds: number): void;
  mockPushErrors(mock: number, apiKey: number, codes: readonly number[]): void;
  closeMock(mock: number): void;
}

const ADDON = fileURLToPath(new URL('../../native-bridge/build/Release/millrace_native.node', import.meta.url));

/** The addon, loaded once for each thread and checked against the layout and the librdkafka that it was compiled with. */
export const binding: Binding = load();

function load(): Binding {
  let loaded: Binding;
  try {
    loaded = createRequire(import.meta.url)(ADDON) as Binding;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MillraceError(
      'NATIVE_ADDON_MISSING',
      `cannot load ${ADDON}: ${reason}. Run scripts/setup.`,
      { path: ADDON },
      { cause: error },
    );
  }
  checkBinding(loaded, layoutDigest());
  return loaded;
}

/** Throws `NATIVE_ADDON_MISMATCH` for an addon that was compiled from another layout, or with another librdkafka than the one loaded. */
export function checkBinding(
  loaded: Pick<Binding, 'layoutDigest' | 'compiledVersion' | 'loadedVersion' | 'loadedVersionText'>,
  digest: number,
): void {
  if (loaded.layoutDigest !== digest) {
    throw new MillraceError('NATIVE_ADDON_MISMATCH', 'the addon was compiled from another native-bridge/layout.ts. Run scripts/setup.');
  }
  if (loaded.compiledVersion !== loaded.loadedVersion) {
    throw new MillraceError(
      'NATIVE_ADDON_MISMATCH',
      `librdkafka ${loaded.loadedVersionText} was loaded, the addon was compiled with 0x${loaded.compiledVersion.toString(16)}. ` +
        'Run scripts/setup, and take other copies of librdkafka.so.1 out of LD_LIBRARY_PATH.',
      { loaded: loaded.loadedVersionText },
    );
  }
}

/** What the addon throws, as a `MillraceError`; anything else as it is. */
export function fromNative(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('details' in thrown)) return thrown;
  const code = thrown.code as string;
  if (!(code in CODES)) return thrown;
  return new MillraceError(code as Code, thrown.message, thrown.details as ErrorDetails);
}

/** What a function of the addon gives; what it throws as a `MillraceError`. */
export function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}
