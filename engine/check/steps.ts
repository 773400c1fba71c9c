import type { Code } from '../base/codes.ts';
import type { Remedy } from '../base/remedy.ts';

export type Side = 'source' | 'sink';
export type StepState = 'pass' | 'warn' | 'fail' | 'skipped';

/** One thing that `millrace check` looked at; as it is printed with `--json`. */
export interface Step {
  readonly side: Side;
  /** A step that found several things stands there once for each of them. */
  readonly step: string;
  /** The topic or table that it is about; null when it is about all of them. */
  readonly subject: string | null;
  readonly state: StepState;
  /** What was seen; of a step that was skipped, why. */
  readonly found: string;
  /** Of a failure: the code under which `millrace run` would refuse, or meet it later. */
  readonly code: Code | null;
  /** What mends it, in this order. */
  readonly remedies: readonly Remedy[];
}

/** The steps of one side, in the order in which they are taken. */
export class Steps<Name extends string> {
  private readonly all: Step[] = [];
  private readonly side: Side;
  private readonly names: readonly Name[];

  /** @param names every step of the side, in order */
  constructor(side: Side, names: readonly Name[]) {
    this.side = side;
    this.names = names;
  }

  pass(step: Name, found: string, subject: string | null = null): void {
    this.add({ step, subject, state: 'pass', found, code: null, remedies: [] });
  }

  warn(step: Name, found: string, remedies: readonly Remedy[], subject: string | null = null): void {
    this.add({ step, subject, state: 'warn', found, code: null, remedies });
  }

  fail(step: Name, code: Code, found: string, remedies: readonly Remedy[], subject: string | null = null): void {
    this.add({ step, subject, state: 'fail', found, code, remedies });
  }

  /** Of an error that no step expects: the first that was not taken has met it. */
  failNext(code: Code, found: string, remedies: readonly Remedy[]): void {
    const next = this.names.find((name) => !this.has(name)) ?? this.names.at(-1);
    if (next !== undefined) this.fail(next, code, found, remedies);
  }

  skip(step: Name, found: string, subject: string | null = null): void {
    this.add({ step, subject, state: 'skipped', found, code: null, remedies: [] });
  }

  /**
   * Ends: what was not taken is skipped, and all stand in their order.
   * @param why if no step failed
   */
  end(why: string | null = null): readonly Step[] {
    const failed = this.all.filter(({ state }) => state === 'fail').map(({ step }) => step);
    const found = failed.length > 0 ? `${[...new Set(failed)].join(', ')} failed` : (why ?? 'not looked at');
    for (const name of this.names) if (!this.has(name)) this.skip(name, found);
    return this.all.toSorted((a, b) => this.place(a.step) - this.place(b.step));
  }

  /** Those that were taken, in the order in which they were. */
  get taken(): readonly Step[] {
    return this.all;
  }

  has(step: Name): boolean {
    return this.all.some((taken) => taken.step === step);
  }

  private add(step: Omit<Step, 'side'>): void {
    this.all.push({ side: this.side, ...step });
  }

  private place(step: string): number {
    return this.names.indexOf(step as Name);
  }
}

/** Whether nothing stands in the way. */
export function isSuccessful(steps: readonly Step[]): boolean {
  return steps.every(({ state }) => state !== 'fail');
}
