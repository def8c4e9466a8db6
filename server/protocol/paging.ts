/** Paging by key: every list that can grow takes `limit`, `cursor`, `sort` and `order`, and answers with `nextCursor`. */
import { z } from "zod";
import { oneOf, wholeNumber } from "./fields.ts";

/** Opaque and signed by the server for this user and list; a changed or borrowed one is refused. */
const cursorRule = "the nextCursor of the page before, unchanged";
export const cursor = z
  .string(cursorRule)
  .min(1, cursorRule)
  .max(512, cursorRule)
  .meta({ description: "The `nextCursor` of the page before." });

export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "Give it as `cursor` to get the next page; null on the last." });

export const pageFields = { limit: wholeNumber(1, 200).default(50), cursor: cursor.optional() };

/** `sort` is one of a closed list, the first being the default. */
export function sortFields<const T extends readonly [string, ...string[]]>(
  sorts: T,
  order: "asc" | "desc" = "asc",
) {
  return {
    sort: oneOf(sorts).default(sorts[0] as never),
    order: oneOf(["asc", "desc"]).default(order),
  };
}

/** A file as text, e.g. an export; over REST it is the body itself, with its type and name. */
export const textFile = z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() });
export type TextFile = z.infer<typeof textFile>;
