/**
 * Reads the few records that keep a state in a topic, by a librdkafka consumer that lives as long as the call.
 */
import { binding, fromNative } from './binding.ts';
import type { Token } from './index.ts';

export interface TopicRecord {
  readonly offset: number;
  readonly key: string;
  /** Null for a tombstone. */
  readonly value: string | null;
}

/**
 * What is read: all that is `committed`, for which open transactions are waited for; only what lies before the first open one, `stable`; or
 * what is `written`, committed or not.
 */
export type ReadingMode = 'committed' | 'stable' | 'written';

export interface TopicReading {
  /** librdkafka's properties of the connection and the login. */
  readonly config: Readonly<Record<string, string>>;
  readonly token: Token | null;
  readonly topic: string;
  /** First offset in partition 0; negative for the oldest that there is. */
  readonly from: number;
  /** Only records of these keys are given out. */
  readonly keys: readonly string[];
  readonly mode: ReadingMode;
  readonly timeoutMs: number;
}

/** Values of so many bytes are read in one piece. */
const PIECE_BYTES = 16 * 1024 * 1024;

/**
 * Gives the records of partition 0 to `onRecord`, in order, up to where the partition ended at the first answer. Resolves with the offset
 * to go on at. Rejects with KAFKA_UNREACHABLE.
 */
export async function readTopic(reading: TopicReading, onRecord: (record: TopicRecord) => void): Promise<number> {
  const { token, topic, keys, mode, timeoutMs } = reading;
  const config = { ...reading.config, 'isolation.level': mode === 'written' ? 'read_uncommitted' : 'read_committed' };
  const wanted = Object.fromEntries(keys.map((key) => [key, '']));
  let from = reading.from;
  for (;;) {
    const { next, isEnd, ...records } = await piece(
      binding.readTopic(
        config,
        topic,
        String(from),
        wanted,
        PIECE_BYTES,
        timeoutMs,
        token?.text ?? '',
        String(token?.expiresMs ?? 0),
        token?.principal ?? '',
        mode === 'committed' ? 1 : 0,
      ),
    );
    for (const [place, value] of Object.entries(records)) onRecord(recordAt(place, value));
    from = Number(next);
    if (isEnd === 'true') return from;
  }
}

/** `OFFSET KEY`. */
function recordAt(place: string, value: string): TopicRecord {
  const space = place.indexOf(' ');
  return { offset: Number(place.slice(0, space)), key: place.slice(space + 1), value: value === '' ? null : value };
}

async function piece(call: Promise<Record<string, string>>): Promise<Record<string, string>> {
  try {
    return await call;
  } catch (error) {
    throw fromNative(error);
  }
}
