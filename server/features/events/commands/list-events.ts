/** `event.list`: own events, for administrators everybody's, newest first, page by page. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { pageOf } from "../../../core/paging.ts";
import type { EventCommandDeps } from "../deps.ts";

const rowId = z.int();

export const listEvents = defineCommand(
  "event.list",
  (input, { session }, { events, cursors }: EventCommandDeps) => {
    const { cursor, limit, ...filter } = input;
    const ownerId = session.role === "admin" ? null : session.userId;
    const scope = { userId: session.userId, list: `event.list ${ownerId} ${JSON.stringify(filter)}` };
    const after = cursors.decode(scope, cursor);
    const before = after === null ? undefined : rowId.parse(after.id);
    const found = events.list({ ...filter, ownerId, before, limit: limit + 1 });
    const { rows, nextCursor } = pageOf(found, limit, ({ id }) => cursors.encode(scope, { key: null, id }));
    return { events: rows, nextCursor };
  },
);
