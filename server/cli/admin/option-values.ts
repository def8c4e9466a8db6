/** Values of options as the protocol wants them; what is no such value is wrong usage. */
import { InvalidArgumentError } from "commander";

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** The end of something that may have none; commander itself would make an empty text of null. */
export type Ending = number | "none";

/** A day means its end, as in a roster. */
export function dayOrNone(text: string): Ending {
  if (text === "none") return text;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const ms = new Date(isDay ? `${text}T23:59:59` : text).getTime();
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError("It must be a day such as 2030-07-31, or none.");
  return ms;
}

export function numberOrNone(text: string): Ending {
  return text === "none" ? text : wholeNumber(text);
}

/** What the protocol calls no end. */
export function orNull(ending: Ending): number | null {
  return ending === "none" ? null : ending;
}

/** A time from which or up to which to look. */
export function time(text: string): number {
  const ms = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text).getTime();
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError("It must be a day or a time, such as 2026-05-04T08:00.");
  return ms;
}
