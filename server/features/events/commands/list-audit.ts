/** `audit.list`: what administrators did, newest first, page by page. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { pageOf } from "../../../core/paging.ts";
import type { EventCommandDeps } from "../deps.ts";

const rowId = z.int();

export const listAudit = defineCommand(
  "audit.list",
  (input, { session }, { audit, cursors }: EventCommandDeps) => {
    const { cursor, limit, ...filter } = input;
    const scope = { userId: session.userId, list: `audit.list ${JSON.stringify(filter)}` };
    const after = cursors.decode(scope, cursor);
    const before = after === null ? undefined : rowId.parse(after.id);
    const found = audit.list({ ...filter, before, limit: limit + 1 });
    const { rows, nextCursor } = pageOf(found, limit, ({ id }) => cursors.encode(scope, { key: null, id }));
    return { entries: rows, nextCursor };
  },
);
