/** `useClassDeeds()`: what is done to everybody in a class at once, with one result each. */
import { shallowRef } from "vue";
import type { AdminUserView } from "#protocol";
import { useClient } from "../../../shared/session/index.ts";
import type { BulkResult } from "../BulkResults.vue";
import { namedResults } from "../stop-results.ts";
import { useAdminDeeds } from "../use-admin-deeds.ts";

/** As many as one page of users, and as one bulk request, may hold. */
const PAGE = 200;

export function useClassDeeds() {
  const client = useClient();
  const { isBusy, attempt } = useAdminDeeds();
  const results = shallowRef<readonly BulkResult[]>([]);
  const title = shallowRef("");
  const isTelling = shallowRef(false);

  function tell(what: string, all: readonly BulkResult[]): void {
    title.value = what;
    results.value = all;
    isTelling.value = true;
  }

  async function members(className: string): Promise<readonly AdminUserView[]> {
    const found: AdminUserView[] = [];
    let cursor: string | null = null;
    do {
      const page: { users: AdminUserView[]; nextCursor: string | null } = await client.request(
        "admin.user.list",
        { className, role: "user", limit: PAGE, ...(cursor !== null && { cursor }) },
      );
      found.push(...page.users);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  }

  async function grantTo(
    users: readonly AdminUserView[],
    amount: number,
    reason: string,
  ): Promise<readonly BulkResult[]> {
    const done: BulkResult[] = [];
    for (let from = 0; from < users.length; from += PAGE) {
      const part = users.slice(from, from + PAGE);
      const userIds = part.map(({ id }) => id);
      const answer = await client.request("admin.user.bulk", { action: "grant", userIds, amount, reason });
      const refusals = new Map(answer.results.map(({ userId, error }) => [userId, error?.message ?? null]));
      done.push(...part.map(({ id, username }) => ({ name: username, refusal: refusals.get(id) ?? null })));
    }
    return done;
  }

  return {
    isBusy,
    results,
    title,
    isTelling,
    /** True when everybody was reached. */
    async grant(className: string, amount: number, reason: string): Promise<boolean> {
      const done = await attempt(
        async () => grantTo(await members(className), amount, reason),
        "The credits were not given",
      );
      if (done) tell(`Credits for ${className}`, done);
      return done !== null;
    },
    async stopAll(className: string): Promise<boolean> {
      const answer = await attempt(
        () => client.request("admin.stopAll", { className, confirm: "stop everything" }),
        "The VMs were not stopped",
      );
      if (answer) tell(`VMs of ${className}`, await namedResults(client, answer.results, className));
      return answer !== null;
    },
  };
}
