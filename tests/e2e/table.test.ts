/** The table of VMs: its state in the address, its keyboard, its bulk actions, its small form. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { byId, createVm, PATIENCE_MS, register, shoot, untilOnline, untilState } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const names = ["tab-a", "tab-b", "tab-c"] as const;

async function shownNames(page: Page): Promise<string[]> {
  const rows = await page.locator("[data-testid^='vm-row-']").all();
  // Drawn rows may stand in any order in the tree; the person sees them from top to bottom.
  const placed = await Promise.all(
    rows.map(async (row) => ({ y: (await row.boundingBox())?.y ?? 0, name: await row.innerText() })),
  );
  return placed.toSorted((a, b) => a.y - b.y).map(({ name }) => name);
}

async function untilNames(page: Page, expected: readonly string[]): Promise<void> {
  await waitFor(`rows ${expected.join()}`, async () => (await shownNames(page)).join() === expected.join(), {
    timeoutMs: 30_000,
    everyMs: 50,
  });
}

async function untilRow(page: Page, name: string, state: string): Promise<void> {
  await page.locator(`[data-testid="vm-row-${name}"][data-state="${state}"]`).waitFor();
}

describe.skipIf(noBrowser !== null)(`table${why}`, () => {
  let server: TestServer;
  let browser: Browser;
  let ada: Visitor;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
    ada = await visit(browser, { baseURL: server.url });
    await register(ada.page, "ada");
    for (const name of names) await createVm(ada.page, name);
    for (const name of names) await untilState(ada.page, name, "running", 60_000);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  test("keeps view, order and filter in the address", async () => {
    const { page } = ada;
    await byId(page, "view-table").click();
    await untilNames(page, ["tab-c", "tab-b", "tab-a"]);
    await byId(page, "table-sort-name").click();
    await untilNames(page, ["tab-a", "tab-b", "tab-c"]);
    await page.keyboard.press("/");
    await page.keyboard.type("tab-b");
    await untilNames(page, ["tab-b"]);
    const { search } = new URL(page.url());
    expect(Object.fromEntries(new URLSearchParams(search))).toEqual({
      view: "table",
      sort: "name",
      q: "tab-b",
    });
    await page.reload();
    await untilNames(page, ["tab-b"]);
    await byId(page, "table-filter").fill("");
    await untilNames(page, [...names]);
  });

  test("remembers which columns are wanted", async () => {
    const { page } = ada;
    await byId(page, "table-columns").click();
    await byId(page, "table-column-size").click();
    await page.keyboard.press("Escape");
    await byId(page, "table-sort-size").waitFor({ state: "detached" });
    await page.reload();
    await untilNames(page, [...names]);
    expect(await byId(page, "table-sort-size").count()).toBe(0);
  });

  test("selects by keyboard, stops many, and gives each row its result", async () => {
    const { page } = ada;
    await page.locator("[role='row'][tabindex='0']").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await byId(page, "bulk-bar").getByText("2 selected").waitFor();
    await shoot(page, "table-light-1440");
    await byId(page, "bulk-stop").click();
    await untilRow(page, "tab-a", "stopped");
    await untilRow(page, "tab-b", "stopped");
    await page.getByText("Stopping 2 VMs").waitFor();
    expect(await byId(page, "bulk-result").count()).toBe(2);
    await untilRow(page, "tab-c", "running");
  });

  test("says which of the selected could not follow", async () => {
    const { page } = ada;
    await byId(page, "table-select-all").click();
    await byId(page, "bulk-start").click();
    await page.getByText("Starting 2 of 3 VMs").waitFor();
    await page.getByText("tab-c: the VM is running already").waitFor();
    for (const name of names) await untilRow(page, name, "running");
  });

  test("opens the row on Enter", async () => {
    const { page } = ada;
    await page.locator("[role='row'][tabindex='0']").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/vms\/\d+/);
    expect(ada.faults).toEqual([]);
  });

  test("turns rows into cards on a small screen, without a way sideways", async () => {
    const phone = await visit(browser, {
      baseURL: server.url,
      width: 390,
      height: 844,
      as: ada.context,
      colorScheme: "dark",
    });
    await phone.page.goto("/?view=table&sort=-name");
    await untilOnline(phone.page);
    await untilNames(phone.page, ["tab-c", "tab-b", "tab-a"]);
    await shoot(phone.page, "table-dark-390");
    const width = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await phone.page.evaluate<number>(width)).toBe(0);
    expect(phone.faults).toEqual([]);
    await phone.context.close();
  });
});
