/** What `twarga doctor` finds, on this machine and on broken ones. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { note, ok, optional, problem } from "../../server/cli/doctor/check.ts";
import { checkDatabase, checkHome } from "../../server/cli/doctor/check-home.ts";
import { checkPort } from "../../server/cli/doctor/check-port.ts";
import { checkDriver, checkFact } from "../../server/cli/doctor/check-virtualization.ts";
import { reportOf, reportText } from "../../server/cli/doctor/report.ts";
import { homePaths } from "../../server/core/config/home.ts";
import { CliUser } from "../helpers/run-cli.ts";
import { freePort } from "../helpers/start-server.ts";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

function freshHome() {
  const root = mkdtempSync(join(tmpdir(), "twarga-doctor-"));
  ending.push(() => rmSync(root, { recursive: true }));
  return homePaths(root, "/");
}

describe("report", () => {
  test("names the command that mends what is broken, before the one that makes more possible", () => {
    const broken = [
      optional("lab-box", "not built", "npm run box"),
      problem("packages", "missing", "npm ci"),
    ];
    expect(reportOf(broken)).toMatchObject({ ok: false, next: "npm ci" });
    expect(reportOf(broken.slice(0, 1))).toMatchObject({ ok: true, next: "npm run box" });
  });

  test("says how to start, or how to go on where a server runs", () => {
    expect(reportOf([ok("port", "8000 is free")]).next).toBe("npm start");
    expect(reportOf([note("port", "8000: Twarga 0.1.0 runs here")]).next).toBe("twarga login");
  });

  test("reads as a table with the next command at its end", () => {
    const text = reportText(reportOf([problem("packages", "missing: vue", "npm ci")]));
    expect(text).toContain("PROBLEM  packages  missing: vue");
    expect(text).toEndWith("Next: npm ci");
  });
});

describe("home and database", () => {
  test("are looked at without making anything", () => {
    const home = freshHome();
    expect([checkHome(home).verdict, checkDatabase(home).verdict]).toEqual(["ok", "ok"]);
    expect(readdirSync(home.root)).toEqual([]);
  });

  test("are a problem where nothing can be written", () => {
    expect(checkHome(homePaths("/dev/null/twarga", "/"))).toMatchObject({ verdict: "problem" });
  });

  test("are a problem when the database is damaged", () => {
    const home = freshHome();
    mkdirSync(home.dbDir);
    writeFileSync(home.dbFile, "this is no database, though it is long enough to look like one".repeat(20));
    expect(checkDatabase(home).verdict).toBe("problem");
  });
});

describe("port", () => {
  test("is free, taken by a stranger, or our own", async () => {
    const free = freePort();
    expect((await checkPort("127.0.0.1", free)).verdict).toBe("ok");
    const stranger = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    ending.push(() => stranger.stop(true));
    const taken = await checkPort("127.0.0.1", Number(stranger.port));
    expect(taken).toMatchObject({ verdict: "problem", next: `PORT=${Number(stranger.port) + 1} npm start` });
    const ours = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => Response.json({ status: "ok", version: "9.9.9", driver: "simulated", uptimeSeconds: 1 }),
    });
    ending.push(() => ours.stop(true));
    expect(await checkPort("127.0.0.1", Number(ours.port))).toMatchObject({ verdict: "note" });
  });
});

describe("virtualisation", () => {
  const probe = {
    usable: false,
    domainType: "qemu",
    facts: [],
    label: "Vagrant 2.3.4",
    reason: "Missing for real VMs: libvirt.",
  } as const;

  test("is missing without harm, unless the settings insist on it", () => {
    expect(checkDriver("auto", probe).verdict).toBe("optional");
    expect(checkDriver("vagrant", probe).verdict).toBe("problem");
    expect(checkDriver("simulated", probe).verdict).toBe("note");
    expect(checkDriver("auto", { ...probe, usable: true }).verdict).toBe("ok");
  });

  test("passes the command on that mends a part", () => {
    const fact = { name: "lab-box", state: "missing", found: "not built", command: "npm run box" } as const;
    expect(checkFact(fact)).toMatchObject({ verdict: "optional", next: "npm run box" });
  });
});

describe("twarga doctor", () => {
  const document = z.object({
    ok: z.boolean(),
    next: z.string(),
    checks: z.array(z.object({ name: z.string(), verdict: z.string() })),
  });

  test("works without a server, as one JSON document", async () => {
    const user = new CliUser("http://127.0.0.1:9");
    ending.push(() => user.dispose());
    const { stdout, exitCode } = await user.run(["doctor", "--json"]);
    const report = document.parse(JSON.parse(stdout));
    const names = report.checks.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["bun", "packages", "database", "port", "driver", "lab-box"]),
    );
    expect(exitCode).toBe(report.ok ? 0 : 1);
  });
});
