import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory with package.json. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What survives a new installation of node_modules; safe to delete. */
export const cacheRoot = join(projectRoot, '.cache');
export const modulesRoot = join(projectRoot, 'node_modules');
export const distRoot = join(projectRoot, 'dist');
