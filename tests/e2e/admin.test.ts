/** The path of a teacher: a class gets in by a roster, works, is watched, stopped and locked out; all of it is in the audit log. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { boxFile, goodDisk, member } from "../server/images/box-files.ts";
import {
  byId,
  createVm,
  freshName,
  login,
  PASSWORD,
  PATIENCE_MS,
  shoot,
  untilOnline,
  untilState,
} from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const ROSTER = `username,email,class,credits
mia,mia@school.example,10A,40
ben,,10A,40
lea,,10A,
Not A Name,,10A,
`;

describe.skipIf(noBrowser !== null)(`a teacher${why}`, () => {
  const vmName = freshName("lesson");
  let server: TestServer;
  let browser: Browser;
  let teacher: Visitor;
  let student: Visitor;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    server = await startServer({ driver: "simulated", env: { TWARGA_ADMIN_PASSWORD: "" } });
    browser = await launchBrowser();
    teacher = await visit(browser, { baseURL: server.url });
    student = await visit(browser, { baseURL: server.url });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  async function open(path: string): Promise<Page> {
    const { page } = teacher;
    await page.goto(path);
    await untilOnline(page);
    return page;
  }

  /** One result for each, and the window closed again. */
  async function results(page: Page): Promise<string[]> {
    const dialog = byId(page, "bulk-results");
    await dialog.waitFor();
    const rows = await dialog.locator("tr").allInnerTexts();
    await dialog.getByRole("button", { name: "Close" }).first().click();
    await dialog.waitFor({ state: "hidden" });
    return rows.map((row) => row.replaceAll(/\s+/g, " ").trim()).sort();
  }

  test("sets up the cloud by the printed link", async () => {
    const { page } = teacher;
    const link = await waitFor("the set-up link", () => server.log.match(/http:\S+\/setup\?token=\S+/)?.[0]);
    await page.goto(link);
    await byId(page, "setup-password").fill(PASSWORD);
    await byId(page, "setup-submit").click();
    await page.waitForURL(`${server.url}/`);
    await untilOnline(page);
    await byId(page, "nav-admin").click();
    await byId(page, "admin-overview").waitFor();
    expect(await byId(page, "stat-users").innerText()).toBe("1");
  });

  test("sees what a roster would do before it does anything", async () => {
    const page = await open("/admin/classes");
    await byId(page, "import-roster").click();
    await byId(page, "roster-file").setInputFiles({
      name: "10a.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(ROSTER),
    });
    await byId(page, "roster-check").click();
    await byId(page, "roster-summary").getByText("3 new, 1 refused").waitFor();
    await shoot(page, "admin-roster-dry-run");
    const { context } = teacher;
    const classes = await context.request.get("/api/admin/classes");
    expect(await classes.json()).toEqual({ classes: [] });
  });

  test("takes the one-time passwords along as a file and on paper", async () => {
    const { page } = teacher;
    await byId(page, "roster-apply").click();
    await byId(page, "roster-download").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      byId(page, "roster-download").click(),
    ]);
    const csv = await Bun.file(await download.path()).text();
    for (const line of csv.trim().split("\r\n").slice(1)) {
      const [username = "", password = ""] = line.split(",");
      passwords.set(username, password);
    }
    expect([...passwords.keys()].sort()).toEqual(["ben", "lea", "mia"]);

    await page.emulateMedia({ media: "print" });
    expect(await byId(page, "roster-slips").innerText()).toContain(passwords.get("mia") ?? "nothing");
    expect(await byId(page, "roster-dialog").isVisible()).toBe(false);
    await shoot(page, "admin-roster-print");
    await page.emulateMedia({ media: "screen" });
    expect(await byId(page, "roster-slips").isVisible()).toBe(false);

    await byId(page, "roster-done").click();
    await byId(byId(page, "class-10A"), "class-users").getByText("3").waitFor();
    await byId(page, "import-roster").click();
    expect(await byId(page, "roster-csv").inputValue()).toBe("");
    expect(await byId(page, "roster-slips").count()).toBe(0);
    await page.keyboard.press("Escape");
  });

  test("has a student who logs in with it and chooses an own password", async () => {
    const { page } = student;
    await login(page, "mia", passwords.get("mia"));
    await page.waitForURL(/\/change-password/);
    await byId(page, "password-current").fill(passwords.get("mia") ?? "");
    await byId(page, "password-new").fill(PASSWORD);
    await byId(page, "password-submit").click();
    await page.waitForURL(`${server.url}/`);
    await untilOnline(page);
    // The API answers 403 until then, and Chromium reports that itself.
    student.forgive(/403/);
  });

  test("has no administration for the student", async () => {
    const { page } = student;
    expect(await byId(page, "nav-admin").count()).toBe(0);
    for (const path of ["/admin", "/admin/users", "/admin/classes", "/admin/vms", "/admin/images"]) {
      await page.goto(path);
      await untilOnline(page);
      await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
    }
    await page.goto("/");
    await untilOnline(page);
  });

  test("gives the whole class credits, and sees that each got them", async () => {
    const page = await open("/admin/classes");
    await byId(byId(page, "class-10A"), "class-grant").click();
    await byId(page, "grant-amount").fill("25");
    await byId(page, "grant-reason").fill("Project week");
    await byId(page, "confirm-grant").click();
    expect(await results(page)).toEqual(["ben Done", "lea Done", "mia Done"]);
    const mia = await teacher.context.request.get("/api/admin/users?search=mia");
    expect(JSON.parse(await mia.text()).users[0].balance).toBe(65_000);
  });

  test("sees the VM of a student start, without loading the page again", async () => {
    const page = await open("/admin/vms?class=10A");
    await page.getByText("Nothing fits the filter").waitFor();
    await createVm(student.page, vmName);
    const row = byId(page, `vm-row-${vmName}`);
    await row.waitFor();
    await page.locator(`[data-testid="vm-row-${vmName}"][data-state="running"]`).waitFor();
    await untilState(student.page, vmName, "running", 30_000);
    await row.click();
    await page.waitForURL(/\/vms\/\d+/);
    await page.getByRole("heading", { name: vmName }).waitFor();
  });

  test("finds the account of the student with credits, VM and history", async () => {
    const page = await open("/admin/users?q=mia");
    await page.getByRole("link", { name: "mia" }).click();
    await page.waitForURL(/\/admin\/users\/\d+/);
    await byId(page, `vm-row-${vmName}`).waitFor();
    await byId(page, "user-ledger").getByText("Project week").waitFor();
    await byId(page, "quota-vms").fill("3");
    await byId(page, "save-quota").click();
    await page.getByText("The quota is changed").waitFor();
    await byId(page, "adjust-amount").fill("5");
    await byId(page, "adjust-reason").fill("Bonus");
    await byId(page, "adjust-credits").click();
    await byId(page, "user-ledger").getByText("Bonus").waitFor();
    await page.getByText("Events", { exact: true }).click();
    await byId(page, "user-events").locator("li").first().waitFor();
  });

  test("stops everything at once, after typing it", async () => {
    const page = await open("/admin");
    await byId(page, "emergency-stop").click();
    expect(await byId(page, "confirm-stop-all").isDisabled()).toBe(true);
    await byId(page, "stop-all-name").fill("stop everything");
    await byId(page, "confirm-stop-all").click();
    const [row, ...more] = await results(page);
    expect(row).toBe(`${vmName} of mia Done`);
    expect(more).toEqual([]);
    await untilState(student.page, vmName, "stopped", 30_000);
  });

  test("locks a student out at once, whose page is at the login then", async () => {
    const page = await open("/admin/users?class=10A");
    const row = page.getByRole("row").filter({ hasText: "mia" });
    await byId(row, "table-select").click();
    await byId(page, "bulk-deactivate").click();
    expect(await results(page)).toEqual(["mia Done"]);
    await student.page.waitForURL(/\/login/);
    student.forgive(/401/);
    await login(student.page, "mia");
    await byId(student.page, "login-error").waitFor();
    student.forgive(/40[13]/);
  });

  test("hides an image, builds one again, and imports a file from this computer", async () => {
    const page = await open("/admin/images");
    const lab = byId(page, "image-lab");
    await byId(lab, "image-toggle").click();
    await byId(lab, "image-hidden").waitFor();
    await byId(lab, "image-toggle").click();
    await byId(lab, "image-hidden").waitFor({ state: "detached" });
    await byId(lab, "image-prepare").click();
    await byId(lab, "job-progress").waitFor();
    await byId(lab, "job-progress").waitFor({ state: "detached" });

    await byId(page, "import-image").click();
    await byId(page, "image-file").setInputFiles({
      name: "School.box",
      mimeType: "application/octet-stream",
      buffer: await boxFile([...member.usual(), member.file("box.img", await goodDisk(2))]),
    });
    expect(await byId(page, "image-imageId").inputValue()).toBe("school");
    await byId(page, "confirm-image").click();
    await byId(page, "image-dialog").waitFor({ state: "hidden" });
    const school = byId(page, "image-school");
    await page.locator('[data-testid="image-school"][data-state="available"]').waitFor();
    await byId(school, "image-remove").click();
    await byId(page, "remove-image-name").fill("school");
    await byId(page, "confirm-remove-image").click();
    await school.waitFor({ state: "detached" });
  });

  test("opens registration by invitation, and ends it", async () => {
    const page = await open("/admin/settings");
    await byId(page, "create-invitation").click();
    await byId(page, "confirm-invitation").click();
    const invitation = byId(page, "invitation-row");
    await invitation.waitFor();
    expect(await invitation.innerText()).toContain("/register?invitation=");
    await invitation.getByRole("button", { name: "Revoke" }).click();
    await invitation.waitFor({ state: "detached" });
  });

  test("reads all of it in the audit log, finds one thing, and exports it", async () => {
    const page = await open("/admin/audit");
    const table = byId(page, "audit");
    await table.waitFor();
    const text = await table.innerText();
    for (const action of [
      "admin.roster.import",
      "admin.user.bulk",
      "admin.user.update",
      "admin.user.credits",
      "admin.stopAll",
      "image.update",
      "image.prepare",
      "image.import",
      "image.remove",
      "admin.invitation.create",
      "admin.invitation.revoke",
    ])
      expect(text).toContain(action);
    for (const password of passwords.values()) expect(text).not.toContain(password);
    await byId(page, "audit-search").fill("Project week");
    await waitFor("one entry", async () => (await table.locator("tbody tr").count()) === 1);
    const csv = await teacher.context.request.get(
      (await byId(page, "audit-csv").getAttribute("href")) ?? "/nothing",
    );
    expect(csv.headers()["content-type"]).toContain("text/csv");
    expect((await csv.text()).trim().split("\n")).toHaveLength(2);
  });

  test("goes anywhere by the palette, and to the users by two keys", async () => {
    const page = await open("/admin");
    await page.keyboard.press("Control+k");
    await byId(page, "palette-input").fill("roster");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/admin\/classes/);
    await page.getByRole("heading", { name: "Classes" }).click();
    await page.keyboard.press("g");
    await page.keyboard.press("u");
    await page.waitForURL(/\/admin\/users/);
  });

  test("saw no complaint of the browser on the way", () => {
    expect(teacher.faults).toEqual([]);
    expect(student.faults).toEqual([]);
  });
});
