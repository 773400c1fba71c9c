import type { Encoder, EncoderOptions } from './encoder.ts';
import { KvJsonEncoder } from './kv-json.ts';
import { MaxwellEncoder } from './maxwell.ts';
import { PushClock } from './push-clock.ts';

/** An encoder for one worker: it keeps caches and scratch memory of its own. A new format is a line here. */
export function createEncoder(options: EncoderOptions, clock: PushClock = new PushClock()): Encoder {
  switch (options.format) {
    case 'maxwell':
      return new MaxwellEncoder(options, clock);
    case 'kv-json':
      return new KvJsonEncoder(options);
  }
}
