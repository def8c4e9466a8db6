/** The whole way of a new user, in a real browser against the real server, with each driver there is. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { noVagrant } from "../helpers/machine.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import {
  byId,
  card,
  confirmDestroy,
  createVm,
  freshName,
  noteStates,
  openOutputAtOnce,
  openTab,
  PATIENCE_MS,
  register,
  shoot,
  typeInTerminal,
  untilMoves,
  untilOnline,
  untilScreen,
  untilState,
} from "./page-actions.ts";
import { tracesOf } from "./traces.ts";

setDefaultTimeout(PATIENCE_MS);

const drivers = [
  { driver: "simulated", missing: noBrowser, bootMs: 60_000 },
  { driver: "vagrant", missing: noBrowser ?? noVagrant, bootMs: 170_000 },
] as const;

for (const { driver, missing, bootMs } of drivers) {
  const why = missing === null ? "" : ` (skipped: ${missing})`;
  describe.skipIf(missing !== null)(`journey with the ${driver} driver${why}`, () => {
    const name = freshName("trip");
    let server: TestServer;
    let browser: Browser;
    let ada: Visitor;
    let second: Visitor;
    let vmUrl = "";

    beforeAll(async () => {
      server = await startServer({ driver });
      browser = await launchBrowser();
      ada = await visit(browser, { baseURL: server.url });
    });

    afterAll(async () => {
      await browser?.close();
      await server?.dispose();
    });

    test("a new user registers and sees which driver works here", async () => {
      await register(ada.page, "ada");
      const label = await byId(ada.page, "driver-label").first().innerText();
      if (driver === "simulated") expect(label.toLowerCase()).toContain("simulated");
      else expect(label.toLowerCase()).toContain("vagrant");
    });

    test("a VM is created, and its states and its job are seen live", async () => {
      const states = await noteStates(ada.page, name);
      const output = await openOutputAtOnce(ada.page, name);
      await createVm(ada.page, name);
      const shown = card(ada.page, name);
      expect(await output()).toBe("progressbar");
      await untilState(ada.page, name, "running", bootMs);
      // The output stays with the result until it is closed.
      await byId(shown, "job-result").waitFor();
      expect(await byId(shown, "job-output").innerText()).toMatch(/\w/);
      await byId(shown, "job-toggle").click();
      await byId(shown, "job-result").waitFor({ state: "detached" });
      const seen = await states();
      expect(seen.length).toBeGreaterThan(1);
      expect(["pending", "starting"]).toContain(seen[0] ?? "");
      expect(seen.at(-1)).toBe("running");
      await shoot(ada.page, `journey-${driver}-dashboard`);
    });

    test("its terminal answers", async () => {
      await byId(card(ada.page, name), "vm-open").first().click();
      await ada.page.waitForURL(/\/vms\/\d+/);
      vmUrl = ada.page.url();
      await ada.page.locator('[data-testid="terminal"][data-phase="open"]').waitFor({ timeout: 60_000 });
      await untilScreen(ada.page, /[$#] *$/m);
      await typeInTerminal(ada.page, "uname -a");
      await untilScreen(ada.page, /^Linux .*\d/m);
      await typeInTerminal(ada.page, "MARK=marmot; echo seen-by-$MARK");
      await untilScreen(ada.page, /^seen-by-marmot/m);
      await shoot(ada.page, `journey-${driver}-terminal`);
    });

    test("its activity has the commands that made it", async () => {
      await openTab(ada.page, "Activity");
      await byId(ada.page, "job-toggle").first().click();
      await ada.page.getByRole("radio", { name: "Explain" }).click();
      const explain = byId(ada.page, "job-explain");
      await explain
        .getByText(driver === "vagrant" ? /vagrant up/ : /Simulated machines need none/)
        .first()
        .waitFor();
      await openTab(ada.page, "Terminal");
    });

    test("its metrics move", async () => {
      await untilMoves(ada.page, "metric-uptime");
      expect(await byId(ada.page, "metric-cpu").first().innerText()).toMatch(/\d/);
    });

    test("after a refresh the shell is as it was", async () => {
      await ada.page.reload();
      await untilScreen(ada.page, /^seen-by-marmot/m);
      await typeInTerminal(ada.page, "echo still-$MARK");
      await untilScreen(ada.page, /^still-marmot/m);
    });

    test("a second browser of the same user shows the same terminal", async () => {
      second = await visit(browser, { baseURL: server.url, as: ada.context });
      await second.page.goto(vmUrl);
      await untilScreen(second.page, /^still-marmot/m);
      await typeInTerminal(second.page, "echo from-the-other-$MARK");
      await untilScreen(ada.page, /^from-the-other-marmot/m);
      await waitFor(
        "two viewers",
        async () => /2/.test(await byId(ada.page, "terminal-viewers").first().innerText()),
        { timeoutMs: 30_000 },
      );
      await second.context.close();
    });

    test("it stops and starts again", async () => {
      await ada.page.goto("/");
      await byId(card(ada.page, name), "vm-stop").first().click();
      await untilState(ada.page, name, "stopped", bootMs);
      await byId(card(ada.page, name), "vm-start").first().click();
      await untilState(ada.page, name, "running", bootMs);
    });

    test("it is destroyed after a question, and nothing of it is left", async () => {
      await byId(card(ada.page, name), "vm-destroy").first().click();
      await confirmDestroy(ada.page, name);
      await card(ada.page, name).waitFor({ state: "detached", timeout: bootMs });
      expect(tracesOf(name, server.home, driver)).toEqual([]);
    });

    test("no page complained on the way", async () => {
      await untilOnline(ada.page);
      expect([...ada.faults, ...(second?.faults ?? [])]).toEqual([]);
    });
  });
}
