import type { Bench } from './bench.ts';

/** Whether a name given on the command line means the bench `id`: a whole id, or its first parts. */
export function selects(name: string, id: string): boolean {
  return id === name || id.startsWith(`${name}.`);
}

/**
 * The benches that `names` mean, all but the opt-in ones for no name; a whole id means that one and not its variants.
 * Throws for a name that means none.
 */
export function selectBenches(benches: readonly Bench[], names: readonly string[]): Bench[] {
  for (const name of names) {
    if (benches.some((bench) => selects(name, bench.id))) continue;
    throw new Error(`no bench is called ${name}; there are: ${benches.map((bench) => bench.id).join(', ')}`);
  }
  if (names.length === 0) return benches.filter((bench) => bench.optIn !== true);
  const isId = (name: string) => benches.some(({ id }) => id === name);
  return benches.filter(({ id }) => names.some((name) => (isId(name) ? id === name : selects(name, id))));
}
