/** Bits of a double behind its point. */
const FRACTION_BITS = 52n;
const EXPONENT_BIAS = 1075n;

/** The shortest digits that give a double back, without an exponent: `0.0000001`, `10000000`. */
export function plainText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const [mantissa, power] = text.split('e') as [string, string?];
  if (power === undefined) return text;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  const exponent = Number(power);
  return exponent < 0 ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` : sign + digits.padEnd(exponent + 1, '0');
}

/** Every digit of what a double holds, without an exponent, as Java's `new BigDecimal(value).toPlainString()`. */
export function exactText(value: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const field = raw >> FRACTION_BITS;
  const fraction = raw & ((1n << FRACTION_BITS) - 1n);
  // Denormal numbers have the exponent of the smallest normal ones, and no leading one.
  const mantissa = field === 0n ? fraction : fraction | (1n << FRACTION_BITS);
  const exponent = (field === 0n ? 1n : field) - EXPONENT_BIAS;
  const sign = value < 0 ? '-' : '';
  if (exponent >= 0n) return sign + (mantissa << exponent).toString();
  let scale = -exponent;
  let odd = mantissa;
  for (; scale > 0n && (odd & 1n) === 0n; scale--) odd >>= 1n;
  if (scale === 0n) return sign + odd.toString();
  const digits = (odd * 5n ** scale).toString().padStart(Number(scale) + 1, '0');
  return `${sign}${digits.slice(0, -Number(scale))}.${digits.slice(-Number(scale))}`;
}
