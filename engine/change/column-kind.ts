/**
 * What a column's values are, for every format encoder. Databases map their types to these; formats know nothing else of types.
 * Integers, because encoders switch on them for every value.
 */
export const ColumnKind = {
  bool: 0,
  int: 1,
  uint: 2,
  float32: 3,
  float64: 4,
  decimal: 5,
  text: 6,
  bytes: 7,
  json: 8,
  date: 9,
  time: 10,
  datetime: 11,
  timestamptz: 12,
  year: 13,
  bit: 14,
  enum: 15,
  set: 16,
  uuid: 17,
  array: 18,
  interval: 19,
  geometry: 20,
  /** A key-value map whose text form is PostgreSQL's hstore. */
  map: 21,
  other: 22,
} as const;

export type ColumnKind = (typeof ColumnKind)[keyof typeof ColumnKind];
