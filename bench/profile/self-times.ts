/** What V8 writes with `--cpu-prof`. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly place: string;
  readonly milliseconds: number;
}

/** Time spent in each function itself, longest first; the same function met by different ways is one line. */
export function selfTimes(profile: CpuProfile): SelfTime[] {
  const places = new Map(profile.nodes.map((node) => [node.id, placeOf(node.callFrame)]));
  const microseconds = new Map<string, number>();
  profile.samples.forEach((node, index) => {
    const place = places.get(node) ?? 'unknown';
    microseconds.set(place, (microseconds.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  return [...microseconds]
    .map(([place, time]) => ({ place, milliseconds: time / 1000 }))
    .toSorted((a, b) => b.milliseconds - a.milliseconds);
}

function placeOf(frame: CpuProfile['nodes'][number]['callFrame']): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  if (frame.url === '') return name;
  const file = frame.url.replace(/^.*\/(dist|node_modules)\//, '');
  return `${name}  ${file}:${frame.lineNumber + 1}`;
}
