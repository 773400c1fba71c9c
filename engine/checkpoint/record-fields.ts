const DIGITS = /^(0|[1-9][0-9]{0,18})$/;

export type Fields = Readonly<Record<string, unknown>>;

/** One predicate for each field of `T`; the compiler sees to it that none is forgotten. */
export type Shape<T> = { readonly [K in keyof T]-?: (value: unknown) => boolean };

/**
 * Reads a body as JSON of this shape. The checksum has already matched, so what is wrong here was written so: by hand, or by a defect.
 * @param upgrade turns the fields of an older form into those of the shape
 * @returns the fields of the shape alone, or what is wrong with the body
 */
export function parseFields<T>(body: string, shape: Shape<T>, upgrade: (fields: Fields) => Fields): T | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'its body is not JSON';
  }
  if (!isFields(parsed)) return 'its body is not a JSON object';
  const fields = upgrade(parsed);
  const wrong = firstWrong(fields, shape);
  if (wrong !== null) return `its field "${wrong}" is missing or malformed`;
  return Object.fromEntries(Object.keys(shape).map((name) => [name, fields[name]])) as T;
}

/** The first field that is missing or malformed; null when all are as they should be. */
export function firstWrong<T>(fields: Fields, shape: Shape<T>): string | null {
  for (const [name, isRight] of Object.entries<(value: unknown) => boolean>(shape)) {
    if (!Object.hasOwn(fields, name) || !isRight(fields[name])) return name;
  }
  return null;
}

/** Whether a value is an object of this shape. */
export function hasShape<T>(value: unknown, shape: Shape<T>): boolean {
  return isFields(value) && firstWrong(value, shape) === null;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isDigits(value: unknown): boolean {
  return typeof value === 'string' && DIGITS.test(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
