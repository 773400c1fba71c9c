/**
 * How a source writes the canonical text of kinds that sources write differently, and with it how they stand in messages:
 *
 * | kind | `output`: as output functions print it | `declared`: as the column is declared |
 * |---|---|---|
 * | bytes | hex or escape form of a bytea | the bytes themselves |
 * | bit | a string of 0 and 1 | an unsigned decimal number |
 * | time, datetime | as few digits of a second as it takes; six in messages | the declared digits, in messages too |
 * | timestamptz | likewise, and the offset `+00` | likewise, in the zone that the source was told, without an offset |
 * | date, datetime, timestamptz | always a day | may have a part that is zero, which makes the whole zeros in messages, or null |
 * | decimal | goes out as it is | goes out as Java's BigDecimal prints it: `0E-10` |
 * | year | has none | four digits, `0000` too |
 */
export type ValueForm = 'output' | 'declared';
