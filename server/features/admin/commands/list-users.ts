/** `admin.user.list`: users by search and filter, page by page. */
import { defineCommand } from "../../../core/command.ts";
import { pageOf } from "../../../core/paging.ts";
import type { AdminCommandDeps } from "../command-deps.ts";

export const listUsers = defineCommand(
  "admin.user.list",
  (input, { session }, { users, cursors }: AdminCommandDeps) => {
    const { cursor, limit, sort, order, ...filter } = input;
    const list = `admin.user.list ${JSON.stringify({ sort, order, ...filter })}`;
    const scope = { userId: session.userId, list };
    const after = cursors.decode(scope, cursor);
    const found = users.page({ filter, sort, order, after, limit: limit + 1 });
    const { rows, nextCursor } = pageOf(found, limit, ({ key }) => cursors.encode(scope, key));
    return { users: rows.map(({ user }) => user), nextCursor, total: users.count(filter) };
  },
);
