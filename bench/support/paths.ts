import { join } from 'node:path';
import { projectRoot } from '../../test/support/paths.ts';

export { projectRoot };

/** The product's entry as built. */
export const ENGINE_MAIN = join(projectRoot, 'dist/engine/main.js');
export const RESULTS_DIRECTORY = join(projectRoot, 'bench/results');
