import { MillraceError } from '../../base/errors.ts';
import type { ServedChangefeed, Service } from '../service.ts';
import { TEXT, object } from './schemas.ts';

/** Parameters of what is asked of one changefeed. */
export interface ById {
  readonly id: string;
}

export const ID = object('Of the changefeed.', { id: TEXT });
/** Headers of what changes something. */
export const WRITE = { type: 'object', properties: { 'x-millrace': { ...TEXT, description: 'Any value: 1.' } }, required: ['x-millrace'] };

/**
 * The changefeed of this name.
 * @throws MillraceError API_NOT_FOUND
 */
export function find({ changefeeds }: Service, { id }: ById): ServedChangefeed {
  const found = changefeeds.find(({ config }) => config.changefeed === id);
  if (found !== undefined) return found;
  const names = changefeeds.map(({ config }) => config.changefeed).join(', ');
  throw new MillraceError('API_NOT_FOUND', `given the changefeed ${JSON.stringify(id)}, accepted: ${names}`);
}
