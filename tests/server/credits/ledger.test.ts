/** The ledger's commands, its rules in the database, and what administrators adjust. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { LedgerEntry, UserId } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { ledgerCsv } from "../../../server/features/credits/ledger-csv.ts";
import { HOUR, MINUTE, nobody, openLedger, refusal, small, type TestLedger } from "./test-ledger.ts";

let cloud: TestLedger;
let ada: Session;
let root: Session;
beforeEach(() => {
  cloud = openLedger();
  ada = cloud.user("ada");
  root = cloud.user("root", "admin");
});
afterEach(() => cloud.close());

const give = (userId: UserId, amount: number, key: string, reason = "because") =>
  cloud.adjust({ userId, amount, reason, actor: { id: root.userId, name: root.username }, key });

describe("the database itself", () => {
  const insert = (values: string) => () =>
    cloud.db.sqlite.run(
      `insert into ledger (user_id, kind, amount, balance_after, key, reason, at_ms) values ${values}`,
    );

  test("refuses to change or remove an entry", () => {
    expect(() => cloud.db.sqlite.run("update ledger set amount = 1")).toThrow("never changed");
    expect(() => cloud.db.sqlite.run("delete from ledger")).toThrow("never removed");
    expect(() =>
      cloud.db.sqlite.run(
        `insert or replace into ledger (user_id, kind, amount, balance_after, key, reason, at_ms)
         values (${ada.userId}, 'grant', 5, 100005, 'start:${ada.userId}', 'again', 0)`,
      ),
    ).toThrow("in the ledger already");
    expect(cloud.entries(ada.userId)).toHaveLength(1);
  });

  test("refuses a balance that is not the sum, and one below zero", () => {
    expect(insert(`(${ada.userId}, 'grant', 5, 5, 'k', 'r', 0)`)).toThrow("and its amount");
    expect(insert(`(${ada.userId}, 'charge', -100001, -1, 'k', 'r', 0)`)).toThrow("never below zero");
    expect(insert(`(${ada.userId}, 'grant', 5, 100005, 'k', 'r', 0)`)).not.toThrow();
  });
});

describe("an adjustment", () => {
  test("gives and takes, with who and why", () => {
    expect(give(ada.userId, 5_000, "a", "for the course")).toBe(105_000);
    expect(give(ada.userId, -105_000, "b", "typed twice")).toBe(0);
    expect(cloud.entries(ada.userId).slice(1)).toMatchObject([
      { kind: "grant", amount: 5_000, reason: "for the course", actorName: "root", actorId: root.userId },
      { kind: "adjustment", amount: -105_000, reason: "typed twice", actorName: "root" },
    ]);
  });

  test("of the same key happens once", () => {
    give(ada.userId, 5_000, "a");
    expect(give(ada.userId, 5_000, "a")).toBe(105_000);
  });

  test("of more than there is, is refused with the numbers, use up to now counted", () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(30_000);
    expect(() => give(ada.userId, -100_000, "a")).toThrow(
      "100 credits cannot be taken: the balance is 99.975 credits",
    );
  });

  test("of nobody is not found", () => {
    expect(() => give(nobody, 1_000, "a")).toThrow("No such user");
  });
});

test("totals add up: issued is burnt, held and left", () => {
  cloud.inState(ada.userId, 1, "running");
  cloud.clock.advance(HOUR);
  give(ada.userId, -1_000, "a");
  expect(cloud.totals()).toEqual({ issued: 199_000, burnt: 3_100, outstanding: 195_900, burnPerHour: 3_100 });
  expect(cloud.burnByUser()).toEqual(new Map([[ada.userId, 3_100]]));
});

describe("credits.get", () => {
  test("is one's own, and anybody's for an administrator", async () => {
    expect((await cloud.call(ada, "credits.get", {})).credits.userId).toBe(ada.userId);
    const { credits } = await cloud.call(root, "credits.get", { userId: ada.userId });
    expect(credits.userId).toBe(ada.userId);
    expect(await refusal(cloud.call(root, "credits.get", { userId: nobody }))).toMatchObject({
      code: "not_found",
    });
  });

  test("refuses another user the same way whether or not that user exists", async () => {
    for (const name of ["credits.get", "credits.ledger", "credits.export"] as const) {
      const answers = await Promise.all(
        [root.userId, nobody].map((userId) => refusal(cloud.call(ada, name, { userId }))),
      );
      expect(answers[0]).toMatchObject({ code: "forbidden" });
      expect(answers[1]).toEqual(answers[0]);
    }
  });

  test("is the snapshot of the topic, and nobody's for everybody", () => {
    const [topic] = cloud.topics;
    const of = (ownerId: UserId | null) => topic?.snapshot({ session: ada, ownerId, key: "" });
    expect(of(ada.userId)).toMatchObject({ credits: { userId: ada.userId, balance: 100_000 } });
    expect(of(null)).toEqual({ credits: null });
  });
});

describe("credits.ledger", () => {
  async function all(
    session: Session,
    limit: number,
    between: () => void = () => {},
  ): Promise<LedgerEntry[]> {
    const found: LedgerEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await cloud.call(session, "credits.ledger", { limit, ...(cursor && { cursor }) });
      found.push(...page.entries);
      cursor = page.nextCursor ?? undefined;
      between();
    } while (cursor !== undefined);
    return found;
  }

  test("pages by key, newest first, while entries are added", async () => {
    for (let n = 0; n < 25; n += 1) give(ada.userId, 1_000 + n, `n${n}`);
    let more = 0;
    const found = await all(ada, 10, () => give(ada.userId, 7, `more${(more += 1)}`));
    expect(found).toHaveLength(26);
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).toSorted((a, b) => b - a));
    expect(new Set(found.map(({ id }) => id)).size).toBe(26);
    expect(found[0]).not.toHaveProperty("key");
    expect(found[0]).not.toHaveProperty("actorId");
  });

  test("keeps its order when the wall clock went back", async () => {
    give(ada.userId, 1, "first");
    cloud.wall.offsetMs = -HOUR;
    give(ada.userId, 2, "second");
    const found = await all(ada, 1);
    expect(found.map(({ amount }) => amount)).toEqual([1, 100_000, 2]);
  });

  test("filters by kind, VM and time", async () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.inState(ada.userId, 2, "running", { ...small, diskGb: 50 });
    const startMs = cloud.clock.now();
    cloud.clock.advance(10 * MINUTE);
    const list = async (filter: object) => (await cloud.call(ada, "credits.ledger", filter)).entries;
    expect(await list({ kind: "grant" })).toHaveLength(1);
    expect(await list({ kind: "charge" })).toHaveLength(20);
    expect(await list({ vmId: 2 })).toHaveLength(10);
    const range = { fromMs: startMs + 2 * MINUTE, toMs: startMs + 4 * MINUTE };
    expect(await list({ ...range, vmId: 1 })).toHaveLength(3);
  });

  test("refuses the cursor of another list, another user, and a forged one", async () => {
    give(ada.userId, 1, "a");
    const { nextCursor } = await cloud.call(ada, "credits.ledger", { limit: 1 });
    const cursor = nextCursor ?? "";
    for (const [session, input] of [
      [root, { limit: 1, cursor }],
      [ada, { limit: 1, cursor, kind: "grant" }],
      [ada, { limit: 1, cursor: `x${cursor}` }],
    ] as const)
      expect(await refusal(cloud.call(session, "credits.ledger", input))).toMatchObject({
        code: "invalid_input",
        field: "cursor",
      });
  });
});

describe("credits.export", () => {
  test("is the ledger with a head, amounts as numbers", async () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(MINUTE);
    const { text, fileName, mediaType } = await cloud.call(ada, "credits.export", {});
    expect([fileName, mediaType]).toEqual([`twarga-credits-${ada.userId}.csv`, "text/csv; charset=utf-8"]);
    const [head, charge, grant] = text.split("\r\n");
    expect(head).toBe("id,time,kind,credits,balance,vm id,vm,reason,by");
    expect(charge).toMatch(
      /^\d+,[0-9T:.Z-]+,charge,-0\.051,99\.949,1,vm-1,"Running, 3\.1 credits an hour",$/,
    );
    expect(grant).toMatch(/,grant,100,100,,,Start credits,$/);
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", '=a\n"b"'])(
    "keeps a spreadsheet from running %j",
    (reason) => {
      const [entry] = [
        { id: 1, userId: ada.userId, kind: "grant", amount: -5, balanceAfter: 0, atMs: 0 } as const,
      ];
      const csv = ledgerCsv([{ ...entry, vmId: null, vmName: null, reason, actorName: reason }]);
      const cells = csv.slice(csv.indexOf("\n") + 1);
      const quoted = reason.replaceAll('"', '""');
      expect(cells).toContain(
        `"'${quoted}","'${quoted}"`.replaceAll(/"(?='[=+\-@][^\n"]*",|'[=+\-@][^\n"]*"\r)/g, '"'),
      );
      expect(cells).toContain("-0.005");
    },
  );
});
