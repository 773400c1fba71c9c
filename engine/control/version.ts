import { readFileSync } from 'node:fs';

/** The version in package.json, found from the emitted file. */
export function millraceVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return manifest.version;
}
