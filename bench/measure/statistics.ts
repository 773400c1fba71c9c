/** Middle value; the mean of the two middle ones for an even count. NaN for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/**
 * Nearest-rank percentile of ascending values: the smallest value that at least `share` (0..1) of them do not exceed. NaN for no values.
 */
export function percentile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!;
}

/** Ratio of each pair `product[i] / reference[i]`; the two must have run side by side and so be equally many. */
export function pairRatios(product: readonly number[], reference: readonly number[]): number[] {
  if (product.length !== reference.length) {
    throw new RangeError(`${product.length} runs of the product and ${reference.length} of the reference are no pairs`);
  }
  return product.map((value, index) => value / reference[index]!);
}

/** `value` with at most `digits` significant digits, so that a results file holds no noise. Integers above that keep all their digits. */
export function significant(value: number, digits = 4): number {
  if (!Number.isFinite(value)) return value;
  if (Math.abs(value) >= 10 ** (digits - 1)) return Math.round(value);
  return Number(value.toPrecision(digits));
}
