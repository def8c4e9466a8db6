/** Values of options as the protocol wants them; what is no such value is wrong usage. */
import { InvalidArgumentError } from "commander";

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** A day means its end, as in a roster; `never` takes the end away. */
export function dayOrNever(text: string): number | null {
  if (text === "never") return null;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const ms = new Date(isDay ? `${text}T23:59:59` : text).getTime();
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError("It must be a day such as 2030-07-31, or never.");
  return ms;
}

/** A time from which or up to which to look. */
export function time(text: string): number {
  const ms = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text).getTime();
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError("It must be a day or a time, such as 2026-05-04T08:00.");
  return ms;
}
