/** Cursors of lists: where the next page begins, signed for one user and one list, so that none is forged or borrowed. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { UserId } from "#protocol";
import { AppError } from "./errors.ts";

/** Sort key and id of the last row of a page; the id decides between equal keys. */
export interface PageKey {
  readonly key: string | number | null;
  readonly id: string | number;
}

export interface CursorScope {
  readonly userId: UserId;
  /** Name of the list with its sort and filters: a cursor fits only the list it came from. */
  readonly list: string;
}

export interface Cursors {
  encode(scope: CursorScope, after: PageKey): string;
  /** Null without a cursor. Throws `invalid_input` for one that we did not give this user for this list. */
  decode(scope: CursorScope, cursor: string | undefined): PageKey | null;
}

const SIGNATURE_BYTES = 12;

/** `secret` may change at a restart: pages then begin anew. */
export function createCursors(secret: string): Cursors {
  const sign = ({ userId, list }: CursorScope, payload: string) =>
    createHmac("sha256", secret)
      .update(`cursor\n${userId}\n${list}\n${payload}`)
      .digest()
      .subarray(0, SIGNATURE_BYTES)
      .toString("base64url");

  const foreign = () =>
    new AppError("invalid_input", "cursor must be the nextCursor of the page before, unchanged", {
      field: "cursor",
    });

  return {
    encode(scope, { key, id }) {
      const payload = Buffer.from(JSON.stringify([key, id])).toString("base64url");
      return `${payload}.${sign(scope, payload)}`;
    },
    decode(scope, cursor) {
      if (cursor === undefined) return null;
      const [payload = ""] = cursor.split(".");
      // As text: decoding would overlook what is added at the end.
      const given = Buffer.from(cursor);
      const right = Buffer.from(`${payload}.${sign(scope, payload)}`);
      if (given.length !== right.length || !timingSafeEqual(given, right)) throw foreign();
      const [key, id]: [PageKey["key"], PageKey["id"]] = JSON.parse(
        Buffer.from(payload, "base64url").toString(),
      );
      return { key, id };
    },
  };
}

/** Cuts the one row too many that was read to see whether there is a next page. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  nextOf: (last: T) => string,
): { readonly rows: T[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? nextOf(last) : null };
}
