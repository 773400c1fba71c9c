import type { Encoder, EncoderOptions } from './encoder.ts';
import { MaxwellEncoder } from './maxwell.ts';

/** Every format by its name: a new one is a line here. */
const FORMATS: Readonly<Record<EncoderOptions['format'], (options: EncoderOptions) => Encoder>> = {
  maxwell: (options) => new MaxwellEncoder(options),
};

/** An encoder for one worker: it keeps caches and scratch memory of its own. */
export function createEncoder(options: EncoderOptions): Encoder {
  return FORMATS[options.format](options);
}
