/** A user by name or id, as a person writes it. */
import type { Client } from "#client";
import { type AdminUserView, userId } from "#protocol";
import { CliError } from "../exit.ts";

export async function findUser(client: Client, nameOrId: string): Promise<AdminUserView> {
  // Names start with a letter, so digits can only be an id.
  if (/^\d+$/.test(nameOrId)) {
    const id = userId.safeParse(Number(nameOrId));
    if (!id.success) throw noSuchUser(nameOrId);
    return (await client.request("admin.user.get", { userId: id.data })).user;
  }
  let cursor: string | undefined;
  do {
    // The search is by part of the name, e-mail or class, so others may come first.
    const page = await client.request("admin.user.list", {
      ...{ search: nameOrId, limit: 200 },
      ...(cursor !== undefined && { cursor }),
    });
    const user = page.users.find(({ username }) => username === nameOrId);
    if (user) return user;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  throw noSuchUser(nameOrId);
}

function noSuchUser(nameOrId: string): CliError {
  return new CliError("not_found", `No such user: ${nameOrId}`);
}
