/** What guards an account, in the browser: password, second factor, sessions, API tokens, SSH keys. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit } from "../helpers/browser.ts";
import { ADMIN_PASSWORD, startServer, type TestServer } from "../helpers/start-server.ts";
import { byId, login, logout, PASSWORD, PATIENCE_MS, register, shoot, untilOnline } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const STEP_MS = 30_000;

/** Chromium itself reports the refusals that a test asks for. */
const withoutRefusals = (faults: readonly string[]) => faults.filter((fault) => !/40[13]/.test(fault));

describe.skipIf(noBrowser !== null)(`account${why}`, () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const visitor = (width = 1440) => visit(browser, { baseURL: server.url, width });

  async function openTab(page: Page, tab: string): Promise<void> {
    await page.goto(`/account?tab=${tab}`);
    await untilOnline(page);
  }

  /** The code an app with this secret shows `steps` later than now. */
  const codeOf = (secret: string, steps = 0) =>
    new TOTP({ secret: secret.replaceAll(" ", "") }).generate({ timestamp: Date.now() + steps * STEP_MS });

  async function switchOn(page: Page): Promise<{ secret: string; recoveryCodes: string[] }> {
    await openTab(page, "second-factor");
    await byId(page, "totp-password").fill(PASSWORD);
    await byId(page, "totp-begin").click();
    const secret = await byId(page, "totp-secret").innerText();
    await byId(page, "totp-code").fill(codeOf(secret));
    await byId(page, "totp-confirm").click();
    await byId(page, "recovery-codes").waitFor();
    const recoveryCodes = await byId(page, "recovery-code").allInnerTexts();
    await byId(page, "recovery-done").click();
    await byId(page, "totp-renew").waitFor();
    return { secret, recoveryCodes };
  }

  test("a changed password keeps this browser, ends the other one, and is the one that counts", async () => {
    const { page, context, faults } = await visitor();
    await register(page, "pia");
    const other = await visitor();
    await login(other.page, "pia");
    await untilOnline(other.page);

    await openTab(page, "password");
    await byId(page, "password-current").fill("not my password");
    await byId(page, "password-new").fill("a new long password");
    await byId(page, "password-submit").click();
    await byId(page, "password-error").first().waitFor();
    await byId(page, "password-current").fill(PASSWORD);
    await byId(page, "password-submit").click();
    await other.page.waitForURL(/\/login/);
    await untilOnline(page);
    expect(page.url()).toContain("/account");
    expect((await context.request.get("/api/auth/me")).status()).toBe(200);

    await logout(page);
    await login(page, "pia", "a new long password");
    await untilOnline(page);
    expect(withoutRefusals(faults)).toEqual([]);
  });

  test("a second factor is asked for after the password, and a recovery code opens the account once", async () => {
    const { page, faults } = await visitor();
    await register(page, "tom");
    const { secret, recoveryCodes } = await switchOn(page);
    expect(new Set(recoveryCodes).size).toBe(8);
    await logout(page);

    await login(page, "tom");
    await byId(page, "login-code").fill("000000");
    await byId(page, "login-submit").click();
    await byId(page, "login-error").waitFor();
    await byId(page, "login-code").fill(codeOf(secret, 1));
    await byId(page, "login-submit").click();
    await untilOnline(page);
    await logout(page);

    const spare = recoveryCodes[0] ?? "";
    await login(page, "tom");
    await byId(page, "login-code").fill(spare);
    await byId(page, "login-submit").click();
    await untilOnline(page);
    await logout(page);
    await login(page, "tom");
    await byId(page, "login-code").fill(spare);
    await byId(page, "login-submit").click();
    await byId(page, "login-error").waitFor();
    expect(withoutRefusals(faults)).toEqual([]);
  });

  test("the second factor is switched off by password and code", async () => {
    const { page } = await visitor(390);
    await register(page, "uma");
    const { secret } = await switchOn(page);
    await byId(page, "totp-remove").click();
    await byId(page, "totp-password").fill(PASSWORD);
    await byId(page, "totp-code").fill(codeOf(secret, 1));
    await byId(page, "totp-submit").click();
    await byId(page, "totp-begin").waitFor();
    await logout(page);
    await login(page, "uma");
    await untilOnline(page);
  });

  test("a read token reads over REST, is refused on a write, and ends when it is revoked", async () => {
    const { page, faults } = await visitor();
    await register(page, "ria");
    await openTab(page, "tokens");
    await byId(page, "create-token").click();
    await byId(page, "token-name").fill("nightly report");
    await byId(page, "token-submit").click();
    const secret = await byId(page, "token-secret").innerText();
    await byId(page, "token-done").click();
    await byId(page, "token-row").filter({ hasText: "nightly report" }).waitFor();

    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const get = (path: string) => fetch(`${server.url}${path}`, { headers });
    expect((await get("/api/vms")).status).toBe(200);
    const write = { name: "web", image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };
    const body = JSON.stringify(write);
    const refused = await fetch(`${server.url}/api/vms`, { method: "POST", headers, body });
    expect([refused.status, (await refused.json()).error.code]).toEqual([403, "forbidden"]);

    await byId(page, "revoke-token").click();
    await byId(page, "confirm-revoke-token-dialog").click();
    await byId(page, "token-row").waitFor({ state: "detached" });
    expect((await get("/api/vms")).status).toBe(401);
    expect(server.log).not.toContain(secret);
    expect(faults).toEqual([]);
  });

  test("ending a session closes the other browser", async () => {
    const { page, faults } = await visitor();
    await register(page, "sue");
    const other = await visitor();
    await login(other.page, "sue");
    await untilOnline(other.page);
    await openTab(page, "sessions");
    expect(await byId(page, "session-row").count()).toBe(2);
    await byId(page, "revoke-session").click();
    await other.page.waitForURL(/\/login/);
    await byId(page, "revoke-session").waitFor({ state: "detached" });
    expect(faults).toEqual([]);
  });

  test("an SSH key is added with its fingerprint, and removed", async () => {
    const { page, faults } = await visitor();
    await register(page, "kim");
    await openTab(page, "ssh-keys");
    await byId(page, "add-ssh-key").click();
    await byId(page, "ssh-key-name").fill("laptop");
    await byId(page, "ssh-key-text").fill(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl kim@laptop",
    );
    await byId(page, "ssh-key-submit").click();
    await byId(page, "ssh-key-row").filter({ hasText: "SHA256:" }).waitFor();
    await byId(page, "remove-ssh-key").click();
    await byId(page, "confirm-remove-ssh-key-dialog").click();
    await byId(page, "ssh-key-row").waitFor({ state: "detached" });
    expect(faults).toEqual([]);
  });

  test("a password that an administrator gave is changed before anything else", async () => {
    const admin = await visitor();
    await login(admin.page, "admin", ADMIN_PASSWORD);
    await untilOnline(admin.page);
    const made = await admin.context.request.post("/api/admin/users", {
      data: { username: "zoe" },
      headers: { origin: server.url },
    });
    const { password } = await made.json();

    const { page } = await visitor();
    await login(page, "zoe", password);
    await page.waitForURL(/\/change-password/);
    await page.goto("/jobs");
    await page.waitForURL(/\/change-password/);
    await byId(page, "password-current").fill(password);
    await byId(page, "password-new").fill(PASSWORD);
    await byId(page, "password-submit").click();
    await page.waitForURL(/\/jobs/);
    await untilOnline(page);
  });

  test("a closed cloud says kindly where accounts come from", async () => {
    const admin = await visitor();
    await login(admin.page, "admin", ADMIN_PASSWORD);
    await untilOnline(admin.page);
    const headers = { origin: server.url };
    const settings = (registration: string) =>
      admin.context.request.patch("/api/admin/settings", { data: { registration }, headers });
    await settings("closed");
    const { page } = await visitor();
    await page.goto("/register");
    await byId(page, "register-closed").waitFor();

    await settings("invitation");
    const data = { uses: 1, className: "4AHIF" };
    const made = await admin.context.request.post("/api/admin/invitations", { data, headers });
    const { invitation } = await made.json();
    await page.goto(invitation.path);
    await byId(page, "register-invited").waitFor();
    await shoot(page, "register-invited");
    await byId(page, "register-username").fill("ida");
    await byId(page, "register-password").fill(PASSWORD);
    await byId(page, "register-submit").click();
    await untilOnline(page);
    const me = await page.context().request.get("/api/auth/me");
    expect((await me.json()).user.className).toBe("4AHIF");
    await settings("open");
  });
});
