/** Building blocks of inputs, each with the words a refusal uses: "FIELD must be <these words>". */
import { z } from "zod";

/** A whole number in a closed range. */
export function wholeNumber(min: number, max: number, unit = "") {
  const rule = `a whole number from ${min} to ${max}${unit === "" ? "" : ` (${unit})`}`;
  return z.int(rule).min(min, rule).max(max, rule);
}

/** One line of text for people, trimmed; control characters would forge lines in logs and terminals. */
export function line(min: number, max: number) {
  const rule = `${min} to ${max} characters on one line`;
  return z
    .string(rule)
    .trim()
    .min(min, rule)
    .max(max, rule)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, rule);
}

/** Text of several lines. */
export function prose(max: number) {
  const rule = `at most ${max} characters of text`;
  return z
    .string(rule)
    .max(max, rule)
    .refine((value) => !value.includes("\0"), "text without NUL characters");
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `one of ${values.join(", ")}`);
}

export const flag = z.boolean("true or false");

/** A point in time given by a client; the year 2100 bounds it so that sums stay safe integers. */
const timeRule = "a time as Unix milliseconds";
export const timeInput = z.int(timeRule).min(0, timeRule).max(4_102_444_800_000, timeRule);

export function listOf<T extends z.ZodType>(item: T, min: number, max: number, what: string) {
  const rule = `a list of ${min} to ${max} ${what}`;
  return z.array(item, rule).min(min, rule).max(max, rule);
}

/** Text search in names: literal, no wildcards. */
export const searchText = line(0, 64);
