import { MillraceError } from '../../../../engine/base/errors.ts';
import type { Config, ServiceConfig } from '../../../../engine/control/config/config.ts';
import { loadService } from '../../../../engine/control/config/service.ts';
import type { ConfigInput } from '../../../../engine/control/config/read.ts';

/** The five variables without which nothing starts. */
export const MINIMAL = {
  MILLRACE_SOURCE_URL: 'postgres://app:s3cret-word@db:5432/shop',
  MILLRACE_SYNC_MODE: 'INCREMENTAL',
  MILLRACE_TABLES: 'shop.*',
  MILLRACE_BOOTSTRAP_SERVERS: 'kafka:9092',
  MILLRACE_TOPIC: 'orders',
} as const;

/** Configuration of the one changefeed from the minimal variables and `env`. */
export function configOf(env: ConfigInput['env'] = {}, argv: readonly string[] = [], cwd = '/srv'): Config {
  return serviceConfigOf(env, argv, cwd).changefeeds[0];
}

/** As `configOf`, with what belongs to the service. */
export function serviceConfigOf(env: ConfigInput['env'] = {}, argv: readonly string[] = [], cwd = '/srv'): ServiceConfig {
  return loadService({ env: { ...MINIMAL, ...env }, argv, cwd }, false);
}

/** The problems that `load` reports, one string each. */
export function problemsOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CONFIG_INVALID') return error.message.split('\n  - ').slice(1);
    throw error;
  }
  return [];
}
