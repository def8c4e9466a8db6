/** The whole life of a VM as its owner lives it: script, tags, lease, snapshots, sizes, copies, a new disk, many at once, a second try. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { ADMIN_PASSWORD, startServer, type TestServer } from "../helpers/start-server.ts";
import {
  byId,
  card,
  createVm,
  login,
  openTab,
  PATIENCE_MS,
  register,
  shoot,
  typeInTerminal,
  untilOnline,
  untilPageState,
  untilScreen,
  untilState,
} from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const BOOT_MS = 60_000;

async function untilSnapshot(page: Page, name: string, state: string): Promise<void> {
  await page.locator(`[data-testid="snapshot-${name}"][data-state="${state}"]`).waitFor();
}

async function choose(page: Page, testId: string, option: string): Promise<void> {
  await byId(page, testId).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

describe.skipIf(noBrowser !== null)(`life of a VM${why}`, () => {
  let server: TestServer;
  let browser: Browser;
  let ada: Visitor;
  let vmPath = "";

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
    ada = await visit(browser, { baseURL: server.url });
    await register(ada.page, "ada");
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  test("the price and the quota follow the size while one chooses", async () => {
    const { page } = ada;
    await byId(page, "create-vm").first().click();
    await byId(page, "create-price").getByText("2.1 credits/h").waitFor();
    await page.getByRole("button", { name: /^Large/ }).click();
    await byId(page, "create-price").getByText("12.5 credits/h").waitFor();
    await byId(page, "create-price")
      .getByText("last 8 h 0 min")
      .or(byId(page, "create-price").getByText("last 8 h with"))
      .waitFor();
    expect(await byId(page, "create-limits").innerText()).toContain("0 + 4 of 8");
    await page.getByRole("button", { name: /^Small/ }).click();
  });

  test("is created with script, tags, label and lease", async () => {
    const { page } = ada;
    await byId(page, "create-name").fill("shop");
    await byId(page, "create-advanced-toggle").click();
    await byId(page, "create-label").fill("Shop of class B");
    await byId(page, "tag-input").fill("web,");
    await byId(page, "tag-input").fill("class-b");
    await byId(page, "create-script").fill(
      "#!/bin/sh\necho made-by-script > /tmp/made\necho script-was-here\n",
    );
    await choose(page, "create-lease", "4 hours");
    await byId(page, "create-submit").click();
    await untilState(page, "shop", "running", BOOT_MS);
    const shown = card(page, "shop");
    expect(await shown.innerText()).toContain("Shop of class B");
    expect(await byId(shown, "vm-price").innerText()).toBe("2.1 credits/h");
    expect(await byId(shown, "vm-lease-warning").innerText()).toMatch(/^Lease ends in 3 h/);
    await byId(shown, "vm-open").first().click();
    await page.waitForURL(/\/vms\/\d+/);
    vmPath = new URL(page.url()).pathname;
  });

  test("shows what the start-up script printed", async () => {
    const { page } = ada;
    await openTab(page, "Settings");
    await byId(page, "startup-outcome").getByText("Exit 0").waitFor();
    expect(await byId(page, "startup-output").innerText()).toContain("script-was-here");
  });

  test("is described and its lease extended where one reads of it", async () => {
    const { page } = ada;
    await openTab(page, "Overview");
    await byId(page, "vm-notes-edit").click();
    await byId(page, "vm-notes").fill("Made for the exam.");
    await byId(page, "vm-notes-save").click();
    await byId(page, "vm-notes-text").getByText("Made for the exam.").waitFor();
    await byId(page, "lease-extend").click();
    await byId(page, "lease-72").click();
    await byId(page, "lease").getByText("Lease ends in 2 d 23 h").waitFor();
    await byId(page, "schedule-edit").click();
    await byId(page, "schedule-save").click();
    await byId(page, "schedule").getByText("Stops at 18:00 on weekdays").waitFor();
  });

  test("goes back to a snapshot", async () => {
    const { page } = ada;
    await openTab(page, "Terminal");
    await untilScreen(page, /[$#] *$/m);
    await typeInTerminal(page, "echo before > here; sync; echo wrote-$((1+1))");
    await untilScreen(page, /^wrote-2/m);
    await openTab(page, "Snapshots");
    await byId(page, "snapshot-new").click();
    await byId(page, "snapshot-name").fill("good");
    await byId(page, "snapshot-submit").click();
    await untilSnapshot(page, "good", "ready");
    await openTab(page, "Terminal");
    await typeInTerminal(page, "echo after > here; echo wrote-$((1+2))");
    await untilScreen(page, /^wrote-3/m);
    await openTab(page, "Snapshots");
    await byId(page, "snapshot-restore").click();
    await byId(page, "confirm-restore").click();
    await byId(page, "restore").waitFor({ state: "hidden" });
    await untilSnapshot(page, "good", "ready");
    await untilPageState(page, "running");
    await openTab(page, "Terminal");
    await untilScreen(page, /[$#] *$/m);
    await typeInTerminal(page, "clear; echo it-is-$(cat here)");
    await untilScreen(page, /^it-is-before/m);
  });

  test("gets another size after a stop, with the price said before", async () => {
    const { page } = ada;
    await openTab(page, "Settings");
    expect(await byId(page, "resize-submit").isDisabled()).toBe(true);
    await byId(page, "vm-stop").click();
    await untilPageState(page, "stopped");
    await byId(page, "create-ram").fill("1024");
    await byId(page, "resize-price").getByText("3.1 credits/h (+1)").waitFor();
    await byId(page, "resize-submit").click();
    await page.locator("header").getByText("1024 MB memory").waitFor();
    await untilPageState(page, "stopped");
    await byId(page, "resize-price").getByText("3.1 credits/h while it runs").waitFor();
  });

  test("is cloned", async () => {
    const { page } = ada;
    await byId(page, "clone").and(page.locator(":enabled")).click();
    expect(await byId(page, "clone-name").inputValue()).toBe("shop-2");
    await byId(page, "clone-submit").click();
    await byId(page, "clone-dialog").waitFor({ state: "hidden" });
    await page.goto("/");
    await untilState(page, "shop-2", "running", BOOT_MS);
    expect(await card(page, "shop-2").innerText()).toContain("1024 MB");
  });

  test("is made anew when its name is typed", async () => {
    const { page } = ada;
    await page.goto(`${vmPath}?tab=settings`);
    await byId(page, "rebuild").and(page.locator(":enabled")).click();
    expect(await byId(page, "confirm-rebuild").isDisabled()).toBe(true);
    await byId(page, "rebuild-name").fill("shop");
    await byId(page, "confirm-rebuild").click();
    await untilPageState(page, "running");
    await openTab(page, "Snapshots");
    await page.getByText("No snapshots").waitFor();
  });

  test("its activity tells who did what, how long it took, and with which commands", async () => {
    const { page } = ada;
    await openTab(page, "Activity");
    for (const title of ["Rebuild", "Resize", "Restore snapshot", "Snapshot", "Create"])
      await page.getByRole("list", { name: "Jobs of shop" }).getByText(title, { exact: true }).waitFor();
    await byId(page, "job-toggle").first().click();
    await byId(page, "job-output").waitFor();
    await page.getByRole("radio", { name: "Explain" }).click();
    await byId(page, "job-explain").getByText("Simulated machines need none").waitFor();
    await shoot(page, "activity-light-1440");
  });

  test("a bulk stop says which row could not follow", async () => {
    const { page } = ada;
    await page.goto("/?view=table");
    await byId(page, "vm-row-shop").waitFor();
    await byId(page, "tag-web").click();
    await byId(page, "vm-row-shop-2").waitFor();
    await page.locator('[data-testid="vm-row-shop"][data-state="running"]').waitFor();
    await page.getByRole("row", { name: "shop", exact: true }).getByTestId("vm-stop").click();
    await page.locator('[data-testid="vm-row-shop"][data-state="stopped"]').waitFor();
    await byId(page, "table-select-all").click();
    await byId(page, "bulk-stop").click();
    await page.getByText("Stopping 1 of 2 VMs").waitFor();
    await page.getByText("shop: the VM is stopped already").waitFor();
    expect(await byId(page, "bulk-result").count()).toBe(2);
    await page.locator('[data-testid="vm-row-shop-2"][data-state="stopped"]').waitFor();
  });

  test("a job that failed is tried again", async () => {
    const { page } = ada;
    await page.goto("/");
    await untilOnline(page);
    await createVm(page, "second");
    await server.kill();
    await server.start();
    await untilOnline(page, 60_000);
    await untilState(page, "second", "failed", BOOT_MS);
    await byId(card(page, "second"), "vm-retry").click();
    await page.locator('[data-testid="vm-card-second"][data-state="running"]').waitFor({ timeout: BOOT_MS });
    await page.goto("/jobs?state=failed&kind=vm.create");
    await page.getByRole("list", { name: "Jobs" }).getByText("second").waitFor();
    ada.forgive(/WebSocket|ERR_CONNECTION_REFUSED|Failed to load resource/);
    expect(ada.faults).toEqual([]);
  });

  test("an administrator sees whose VM it is", async () => {
    const admin = await visit(browser, { baseURL: server.url });
    await login(admin.page, "admin", ADMIN_PASSWORD);
    await untilOnline(admin.page, PATIENCE_MS);
    await admin.page.goto(`${vmPath}?tab=overview`);
    await byId(admin.page, "vm-foreign-owner").getByText("VM of ada").waitFor();
    await byId(admin.page, "vm-start").click();
    await untilPageState(admin.page, "running");
    await openTab(admin.page, "Activity");
    await admin.page.getByText("admin for ada").waitFor();
    await admin.page.goto("/");
    await untilOnline(admin.page, PATIENCE_MS);
    expect(await card(admin.page, "shop").count()).toBe(0);
    expect(admin.faults).toEqual([]);
    await admin.context.close();
  });
});
