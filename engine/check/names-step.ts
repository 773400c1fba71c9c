import { toErrorRecord } from '../base/errors.ts';
import { words } from '../base/remedy.ts';
import { assertDistinctNames, type NamedTable, type SchemaNameStyle } from '../dispatch/naming.ts';
import { tell, type Findings } from './findings.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';
import { countText } from './text.ts';

export interface NamesRequest {
  readonly style: SchemaNameStyle;
  /** As messages will name them. */
  readonly named: readonly NamedTable[];
  /** As the catalogue names them. */
  readonly shown: readonly string[];
  readonly found: Findings;
}

/** Which tables are exported, and whether messages can tell them apart. */
export function tellNames({ style, named, shown, found }: NamesRequest, steps: Steps<SourceStep>): void {
  try {
    assertDistinctNames(style, named);
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    steps.fail('tables', code, message, [words('set MILLRACE_SCHEMA_NAME=qualified')]);
  }
  tell('tables', found, `${countText(shown.length, 'table')}: ${shown.slice(0, 5).join(', ')}${shown.length > 5 ? ', ...' : ''}`, steps);
}
