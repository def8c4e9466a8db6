/** The palette, the shortcuts and the notices, as somebody without a mouse uses them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import {
  byId,
  card,
  createVm,
  freshName,
  PATIENCE_MS,
  register,
  shoot,
  untilScreen,
  untilState,
} from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;

describe.skipIf(noBrowser !== null)(`palette${why}`, () => {
  const name = freshName("pal");
  let server: TestServer;
  let browser: Browser;
  let ada: Visitor;

  async function choose(query: string): Promise<void> {
    const { page } = ada;
    await page.keyboard.press("Control+k");
    await byId(page, "palette-input").waitFor();
    await page.keyboard.type(query);
    await page.keyboard.press("Enter");
    await byId(page, "palette").waitFor({ state: "hidden" });
  }

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
    ada = await visit(browser, { baseURL: server.url });
    await register(ada.page, "ada");
    await createVm(ada.page, name);
    await untilState(ada.page, name, "running", 60_000);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  test("goes to a page by a few letters", async () => {
    await choose("jobs");
    await ada.page.waitForURL(/\/jobs$/);
  });

  test("marks the entry that Enter takes, for eyes and for screen readers", async () => {
    const { page } = ada;
    await page.keyboard.press("Control+k");
    const input = byId(page, "palette-input");
    await input.waitFor();
    await page.keyboard.press("ArrowDown");
    const active = await input.getAttribute("aria-activedescendant");
    expect(await page.locator(`[id="${active}"]`).getAttribute("aria-selected")).toBe("true");
    await shoot(page, "palette-light-1440");
    await page.keyboard.press("Escape");
    await byId(page, "palette").waitFor({ state: "hidden" });
  });

  test("stops a VM from another page, and the outcome waits in the notices", async () => {
    const { page } = ada;
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await page.waitForURL(/\/monitor$/);
    await choose(`stop ${name}`);
    await byId(page, "notices-unread").waitFor();
    await byId(page, "notices-open").click();
    await byId(page, "notices").getByText(`Stop ${name}`).waitFor();
    await shoot(page, "notices-light-1440");
    await byId(page, "notices-read").click();
    await byId(page, "notices-unread").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
  });

  test("asks before it destroys", async () => {
    const { page } = ada;
    await choose(`destroy ${name}`);
    await byId(page, "destroy-name").waitFor();
    await page.keyboard.press("Escape");
    await byId(page, "destroy-name").waitFor({ state: "hidden" });
  });

  test("shows the keys on a question mark, and creates on n", async () => {
    const { page } = ada;
    await page.keyboard.press("?");
    await byId(page, "shortcut-help").waitFor();
    await shoot(page, "shortcuts-light-1440");
    await page.keyboard.press("Escape");
    await byId(page, "shortcut-help").waitFor({ state: "hidden" });
    await page.keyboard.press("n");
    await byId(page, "create-dialog").waitFor();
    expect(new URL(page.url()).search).toBe("?new=1");
    await page.keyboard.press("Escape");
    await byId(page, "create-dialog").waitFor({ state: "hidden" });
  });

  test("leaves the terminal every key", async () => {
    const { page } = ada;
    await choose(`start ${name}`);
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await untilState(page, name, "running", 60_000);
    await byId(card(page, name), "vm-open").click();
    await page.locator('[data-testid="terminal"][data-phase="open"]').waitFor();
    await byId(page, "terminal").click();
    await page.keyboard.type("echo gdn?");
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Enter");
    await untilScreen(page, /^gdn\?/m);
    expect(await byId(page, "palette").count()).toBe(0);
    expect(page.url()).toContain("/vms/");
    expect(ada.faults).toEqual([]);
  });
});
