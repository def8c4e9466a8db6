/** Amounts of credits for people: milli-credits in, grouped digits with up to three decimals out. */
import { MILLI } from "#protocol";

const trimmed = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const steady = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** `12500` is "12.5". */
export function formatCredits(milli: number): string {
  return trimmed.format(toCredits(milli));
}

/** Always as many decimals, rounded down, for a number that counts down before one's eyes. */
export function formatCreditsSteady(milli: number, decimals: 0 | 1 | 2 | 3 = 2): string {
  const step = MILLI / 10 ** decimals;
  const format = steady[decimals] ?? trimmed;
  return format.format(toCredits(Math.floor(milli / step) * step));
}

/** "+12.5" or "−12.5": a change of a balance. */
export function formatCreditChange(milli: number): string {
  if (milli === 0) return "0";
  return `${milli > 0 ? "+" : "\u2212"}${formatCredits(Math.abs(milli))}`;
}

/** "1 credit", "12.5 credits". */
export function creditWords(milli: number): string {
  return `${formatCredits(milli)} ${Math.abs(milli) === MILLI ? "credit" : "credits"}`;
}

/** "2.1 credits/h". */
export function formatPrice(milliPerHour: number): string {
  return `${creditWords(milliPerHour)}/h`;
}

/** Minus zero would be shown as "-0". */
function toCredits(milli: number): number {
  return milli === 0 ? 0 : milli / MILLI;
}
