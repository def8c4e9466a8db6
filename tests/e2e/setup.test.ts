/** The first administrator: the link that the server prints, used in a browser, once. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { byId, login, logout, PASSWORD, PATIENCE_MS, untilOnline } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;

describe.skipIf(noBrowser !== null)(`the first administrator${why}`, () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated", env: { TWARGA_ADMIN_PASSWORD: "" } });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const visitor = () => visit(browser, { baseURL: server.url });

  /** The newest one in what the server has printed. */
  function printedLink(): Promise<string> {
    return waitFor("the set-up link", () => server.log.match(/http:\S+\/setup\?token=\S+/g)?.at(-1));
  }

  async function offerPassword({ page }: Visitor, link: string): Promise<void> {
    await page.goto(link);
    await byId(page, "setup-password").fill(PASSWORD);
    await byId(page, "setup-submit").click();
  }

  async function refusalOf(one: Visitor, link: string): Promise<string> {
    await offerPassword(one, link);
    const text = await byId(one.page, "setup-error").innerText();
    expect(one.page.url()).toContain("/setup");
    // Chromium reports the refusal itself.
    one.forgive(/api\/auth\/setup/);
    expect(one.faults).toEqual([]);
    return text;
  }

  test("a made-up link is refused, and says what to do", async () => {
    const text = await refusalOf(await visitor(), "/setup?token=made-up");
    expect(text).toContain("does not work any more");
    expect(text).toContain("newest link");
  });

  test("a link of an earlier start is refused", async () => {
    const first = await printedLink();
    await server.stop();
    await server.start();
    expect(await waitFor("a new link", async () => (await printedLink()) !== first)).toBe(true);
    expect(await refusalOf(await visitor(), first)).toContain("started again");
  });

  test("the printed link leads to the dashboard as administrator", async () => {
    const one = await visitor();
    await offerPassword(one, await printedLink());
    await one.page.waitForURL(`${server.url}/`);
    await untilOnline(one.page);
    await byId(one.page, "create-first-vm").waitFor();
    await byId(one.page, "user-menu").click();
    expect(await one.page.getByRole("menu").innerText()).toMatch(/admin\s+Administrator/);
    await one.page.keyboard.press("Escape");
    await logout(one.page);
    await login(one.page, "admin");
    await untilOnline(one.page);
    expect(one.faults).toEqual([]);
  });

  test("after that the link is dead", async () => {
    const other = await visitor();
    expect(await refusalOf(other, await printedLink())).toContain("log in");
    await other.page.getByRole("link", { name: "Log in" }).click();
    await other.page.waitForURL(/\/login/);
  });

  test("a later start prints no link", async () => {
    await server.stop();
    const before = server.log.length;
    await server.start();
    await waitFor("the banner", () => server.log.slice(before).includes("Ctrl-C"));
    expect(server.log.slice(before)).toContain("user `admin`");
    expect(server.log.slice(before)).not.toContain("token=");
  });
});
