/** JSON schemas of answers, as far as several routes share them; `/openapi.json` is made from them and from those of the routes. */

export const TEXT = { type: 'string' } as const;
export const TEXT_OR_NULL = { type: ['string', 'null'] } as const;
export const NUMBER = { type: 'number' } as const;
export const NUMBER_OR_NULL = { type: ['number', 'null'] } as const;
export const COUNT = { type: 'integer', minimum: 0 } as const;
export const BOOLEAN = { type: 'boolean' } as const;

/** Of the names in `properties`, all there and no other. */
export function object<P extends Readonly<Record<string, unknown>>>(description: string, properties: P) {
  return { type: 'object', description, properties, required: Object.keys(properties), additionalProperties: false } as const;
}

export function listOf<S>(items: S) {
  return { type: 'array', items } as const;
}

export const STATE = { type: 'string', enum: ['normal', 'warning', 'failed', 'stopped', 'finished'] } as const;

/** An error as answers carry it. */
export const ERROR = object('Why a request was refused, and what to do.', {
  error: object('The error.', { code: TEXT, message: TEXT, advice: TEXT }),
});

const LEVEL = { type: 'string', enum: ['trace', 'debug', 'info', 'warn', 'error'] } as const;

export const LOG_LEVEL = object('Least level that is logged.', { level: LEVEL });
