/** Rosters: what a file says, what it does, and that no file at all breaks it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../../../server/core/errors.ts";
import { readRoster, rosterColumns } from "../../../server/features/admin/roster-file.ts";
import { type AdminCloud, openAdminCloud } from "./admin-cloud.ts";

let cloud: AdminCloud;
beforeEach(() => void (cloud = openAdminCloud()));
afterEach(() => cloud.close());

const header = rosterColumns.join(",");
const send = async (csv: string, dryRun = false) =>
  (await cloud.ok(cloud.root, "admin.roster.import", { csv, dryRun })).rows;
const outcomes = async (csv: string) => (await send(csv)).map(({ outcome }) => outcome);
const userOf = (username: string) => cloud.ok(cloud.root, "admin.user.get", { userId: cloud.idOf(username) });
/** Everything the database holds but the audit log, which notes the attempt itself. */
const contents = () =>
  ["users", "ledger", "quotas", "events", "settings", "invitations"].map((table) =>
    cloud.db.sqlite.query(`select * from ${table}`).all(),
  );

describe("a roster", () => {
  test("makes accounts with class, credits, quota and expiry, and shows each password once", async () => {
    const rows = await send(`${header}\nada,ada@example.org,10 B,250,2,2030-07-31\nbob,,,,,\n`);
    expect(rows).toEqual([
      { line: 2, username: "ada", outcome: "created", message: null, password: "one-time-1" },
      { line: 3, username: "bob", outcome: "created", message: null, password: "one-time-2" },
    ]);
    const ada = await userOf("ada");
    expect(ada.user).toMatchObject({
      email: "ada@example.org",
      className: "10 B",
      role: "user",
      balance: 250_000,
    });
    expect(ada.user.expiresAtMs).toBe(new Date("2030-07-31T23:59:59").getTime());
    expect(ada.quota).toMatchObject({ limits: { vms: 2 }, own: ["vms"] });
    expect(await userOf("bob")).toMatchObject({
      user: { className: null, balance: 100_000 },
      quota: { own: [] },
    });
  });

  test("imported again changes nothing and gives nobody credits", async () => {
    const csv = `${header}\nada,ada@example.org,10 B,250,2,2030-07-31\n`;
    await send(csv);
    const before = contents();
    expect(await send(csv)).toEqual([
      { line: 2, username: "ada", outcome: "unchanged", message: null, password: null },
    ]);
    expect(contents()).toEqual(before);
  });

  test("updates what differs; an empty cell leaves things as they are", async () => {
    await send(`${header}\nada,ada@example.org,10 B,,3,\n`);
    expect(await send(`username,class,vmQuota\nada,11 B,\n`)).toMatchObject([
      { outcome: "updated", message: "Changes class", password: null },
    ]);
    expect(await userOf("ada")).toMatchObject({
      user: { email: "ada@example.org", className: "11 B" },
      quota: { limits: { vms: 3 } },
    });
  });

  test("reports every row by its line and never stops at a bad one", async () => {
    cloud.person("boss", "admin");
    const rows = await send(
      [
        header,
        "ada,,,,,",
        "x,no-mail,=cmd|' /C calc'!A0,-1,1.5,yesterday",
        "",
        '"bob","b@example.org","10 B","","",""',
        "ada,,,,,",
        "boss,,10 B,,,",
        "eve,,,,,,one too many",
        "old,,,,,2001-01-01",
        "feb,,,,,2030-02-31",
        "zoe,,,,,2030-02-28T12:00:00Z",
      ].join("\n"),
    );
    expect(rows.map(({ line, username, outcome }) => [line, username, outcome])).toEqual([
      [2, "ada", "created"],
      [3, "x", "refused"],
      [5, "bob", "created"],
      [6, "ada", "refused"],
      [7, "boss", "refused"],
      [8, "eve", "refused"],
      [9, "old", "refused"],
      [10, "feb", "refused"],
      [11, "zoe", "created"],
    ]);
    for (const field of ["username", "email", "class", "credits", "vmQuota", "expiresAt"])
      expect(rows[1]?.message).toContain(`${field} must be`);
    expect(rows[3]?.message).toBe("Line 2 has this username already");
    expect(rows[4]?.message).toContain("administrator");
  });

  test("goes on when one account cannot be made", async () => {
    cloud.accounts.beforeCreate = ({ username }) => {
      if (username === "bob") throw new Error("the disk says no, at /var/lib/secret");
      if (username === "cid") throw new AppError("unavailable", "Too many people log in at this moment");
    };
    const rows = await send("username\nada\nbob\ncid\ndora\n");
    expect(rows.map(({ outcome }) => outcome)).toEqual(["created", "refused", "refused", "created"]);
    expect(rows[1]?.message).toBe("Something went wrong on the server");
  });

  test("stops taking rows when its time is up, and the same file brings the rest", async () => {
    cloud.accounts.beforeCreate = () => cloud.clock.advance(4_000);
    const csv = `username\n${Array.from({ length: 9 }, (_, n) => `user-${n}`).join("\n")}\n`;
    const first = await send(csv);
    expect(first.filter(({ outcome }) => outcome === "created")).toHaveLength(3);
    expect(first.at(-1)).toMatchObject({
      outcome: "refused",
      message: expect.stringContaining("import the same file again"),
    });
    cloud.accounts.beforeCreate = () => undefined;
    expect((await outcomes(csv)).toSorted()).toEqual([
      ...Array(6).fill("created"),
      ...Array(3).fill("unchanged"),
    ]);
  });

  test("in a dry run says the same and changes nothing", async () => {
    cloud.person("old");
    const csv = `${header}\nada,,10 B,5,,\nold,,10 B,,,\nx,,,,,\nada,,,,,\n`;
    const before = contents();
    const dry = await send(csv, true);
    expect(contents()).toEqual(before);
    const done = await send(csv);
    expect(dry.map(({ line, outcome, message }) => ({ line, outcome, message }))).toEqual(
      done.map(({ line, outcome, message }) => ({ line, outcome, message })),
    );
    expect(dry.every(({ password }) => password === null)).toBe(true);
  });

  test("is in the audit log without its names and without passwords", async () => {
    await send(`username,email\nada,ada@example.org\n`);
    const [entry] = (await cloud.ok(cloud.root, "audit.list", { action: "admin.roster.import" })).entries;
    expect(entry).toMatchObject({ input: '{"csv":"[removed]","dryRun":false}', outcome: "ok" });
    expect(JSON.stringify(contents()) + JSON.stringify(entry)).not.toContain("one-time");
  });
});

describe("a file", () => {
  test.each([
    ["a byte order mark and Windows line ends", "\uFEFFusername,class\r\nada,10 B\r\n"],
    ["old Mac line ends", "username,class\rada,10 B\r"],
    ["semicolons, as German spreadsheets save", "username;class\nada;10 B\n"],
    ["tabs", "username\tclass\nada\t10 B\n"],
    [
      "quotes and blanks",
      '"username" , "class"\n" ada ","10 B"\n'.replaceAll(" ,", ",").replaceAll(", ", ","),
    ],
    ["other order and case", "CLASS,UserName\n10 B,Ada\n"],
    ["no line end at its end", "username,class\nada,10 B"],
    ["blank lines", "username,class\n\n\nada,10 B\n ,\n"],
  ])("with %s is read", async (_what, csv) => {
    expect(await send(csv)).toMatchObject([{ username: "ada", outcome: "created" }]);
    expect(await userOf("ada")).toMatchObject({ user: { className: "10 B" } });
  });

  test("counts lines inside quotes", () => {
    const file = readRoster('username,class\n"ada","a\nb"\nbob,x\n');
    expect(file).toMatchObject({ ok: true, lines: [{ line: 2 }, { line: 4, cells: { username: "bob" } }] });
  });

  test("whose quotation marks do not match has that row refused", async () => {
    expect(await send('username,class\nada,x\nbob,"x\n')).toMatchObject([
      { username: "ada", outcome: "created" },
      { outcome: "refused", message: expect.stringContaining("quotation marks") },
    ]);
  });

  test.each([
    "",
    "\n\n",
    "ada,10 B\n",
    "name,class\nada,x\n",
    "username,username\nada,bob\n",
    "username,password\nada,x\n",
    "username\n",
  ])("that is no roster is refused whole: %p", async (csv) => {
    const before = contents();
    const input = { csv, dryRun: false };
    expect(await cloud.refused(cloud.root, "admin.roster.import", input)).toMatchObject({
      code: "invalid_input",
      field: "csv",
    });
    expect(contents()).toEqual(before);
  });

  test("longer than a thousand rows is refused", async () => {
    const csv = `username\n${"ada\n".repeat(1_001)}`;
    expect(await cloud.refused(cloud.root, "admin.roster.import", { csv })).toMatchObject({
      message: expect.stringContaining("1000 rows"),
    });
  });
});

describe("whatever the text is", () => {
  const bit = fc.constantFrom(
    "ada",
    "bob",
    ",",
    ";",
    "\n",
    "\r\n",
    '"',
    '""',
    "=1+1",
    "10 B",
    "5",
    "2030-01-01",
    "\t",
    " ",
    "é",
    "\uFEFF",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(bit, { maxLength: 60 }).map((bits) => `${header}\n${bits.join("")}`),
    fc.array(bit, { maxLength: 60 }).map((bits) => `username,class\n${bits.join("")}`),
  );

  test("reading it never throws, and its lines are in order", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const file = readRoster(text);
        if (!file.ok) return file.rule !== "";
        const lines = file.lines.map(({ line }) => line);
        return lines.every((line, n) => line > (lines[n - 1] ?? 1));
      }),
      { numRuns: 1_000 },
    );
  });

  test("a dry run reports each row once, changes nothing, and the import reports the same rows", async () => {
    const inputs = texts.filter((text) => !text.includes("\0"));
    await fc.assert(
      fc.asyncProperty(inputs, async (csv) => {
        const file = readRoster(csv);
        if (!file.ok) return;
        const before = contents();
        const dry = await send(csv, true);
        expect(contents()).toEqual(before);
        expect(dry.map(({ line }) => line)).toEqual(file.lines.map(({ line }) => line));
        const done = await send(csv);
        expect(done.map(({ line, outcome }) => [line, outcome])).toEqual(
          dry.map(({ line, outcome }) => [line, outcome]),
        );
      }),
      { numRuns: 60 },
    );
  });
});
