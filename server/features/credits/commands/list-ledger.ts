/** `credits.ledger`: the ledger of one user, newest first, page by page. */
import { defineCommand } from "../../../core/command.ts";
import { pageOf } from "../../../core/paging.ts";
import type { CreditCommandDeps } from "../deps.ts";
import { whoseAccount } from "../whose.ts";

export const listLedger = defineCommand("credits.ledger", (input, { session }, deps: CreditCommandDeps) => {
  const { cursor, limit, ...wanted } = input;
  const filter = { ...wanted, userId: whoseAccount(session, wanted.userId) };
  const scope = { userId: session.userId, list: `credits.ledger ${JSON.stringify(filter)}` };
  const after = deps.cursors.decode(scope, cursor);
  const seen = after && { atMs: Number(after.key), id: Number(after.id) };
  const found = deps.ledger.page(filter, seen, limit + 1);
  const { rows, nextCursor } = pageOf(found, limit, ({ atMs, id }) =>
    deps.cursors.encode(scope, { key: atMs, id }),
  );
  return { entries: rows, nextCursor };
});
