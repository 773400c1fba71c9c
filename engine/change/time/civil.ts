/**
 * Days and dates of the proleptic Gregorian calendar, as PostgreSQL and Java count: day 0 is 1970-01-01, the year before 1 is 0.
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".) Exact for all years of PostgreSQL, in integers that fit 32 bits.
 */
const DAYS_PER_ERA = 146_097;
const YEARS_PER_ERA = 400;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_1970 = 719_468;

/** The day of a date. `month` and `day` count from 1. */
export function dayOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / YEARS_PER_ERA);
  const yearOfEra = y - era * YEARS_PER_ERA;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_BEFORE_1970;
}

/** A date and time of day. Filled again for each value. */
export class Civil {
  /** 0 is the year before 1. */
  year = 1970;
  month = 1;
  day = 1;
  hour = 0;
  minute = 0;
  second = 0;
  micros = 0;

  /** Seconds since 1970-01-01 00:00:00 of the same clock, rounded down: the microseconds stay aside. */
  seconds(): number {
    return dayOf(this.year, this.month, this.day) * 86_400 + this.hour * 3_600 + this.minute * 60 + this.second;
  }

  /** Sets all but the microseconds. */
  setSeconds(seconds: number): void {
    const days = Math.floor(seconds / 86_400);
    this.setDay(days);
    const rest = seconds - days * 86_400;
    this.hour = (rest / 3_600) | 0;
    this.minute = ((rest / 60) | 0) % 60;
    this.second = rest % 60;
  }

  private setDay(days: number): void {
    const shifted = days + DAYS_BEFORE_1970;
    const era = Math.floor(shifted / DAYS_PER_ERA);
    const dayOfEra = shifted - era * DAYS_PER_ERA;
    const yearOfEra = ((dayOfEra - ((dayOfEra / 1_460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
    const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
    const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
    this.day = dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1;
    this.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    this.year = yearOfEra + era * YEARS_PER_ERA + (this.month <= 2 ? 1 : 0);
  }
}
