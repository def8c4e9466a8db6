/** Settings: what is allowed, what a bad one says, and that the documents agree. */
import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigError, parseConfig } from "../../../server/core/config.ts";
import { forgetSecrets, loadEnvironment } from "../../../server/core/config/environment.ts";
import { configurationPage, envExample } from "../../../server/core/config/generate-docs.ts";
import { SAMPLE_SECRET, settings } from "../../../server/core/config/schema.ts";

const projectDir = resolve(import.meta.dir, "../../..");
const parse = (environment: Record<string, string>) => parseConfig(environment, "/project");

function refusalOf(environment: Record<string, string>): ConfigError {
  try {
    parse(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("It was accepted");
}

test("an empty environment gives the documented defaults", () => {
  expect(parse({})).toMatchObject({
    port: 8000,
    host: "127.0.0.1",
    driver: "auto",
    adminPassword: null,
    jwtSecret: null,
    extraOrigins: [],
    home: { root: "/project", vmsDir: "/project/vms", dbFile: "/project/db/twarga.sqlite" },
  });
});

test("an empty value means not set", () => {
  expect(parse({ PORT: "", TWARGA_HOME: "", TWARGA_ADMIN_PASSWORD: "" })).toEqual(parse({}));
});

test("every good value arrives", () => {
  const config = parse({
    PORT: "65535",
    HOST: "::1",
    TWARGA_HOME: "/var/lib/twarga",
    TWARGA_DRIVER: "vagrant",
    TWARGA_ADMIN_PASSWORD: "eight888",
    TWARGA_JWT_SECRET: "s".repeat(32),
    TWARGA_ORIGINS: "https://a.example, http://b.example:8080,",
    TWARGA_LOG_LEVEL: "silent",
  });
  expect(config).toMatchObject({
    port: 65535,
    host: "::1",
    driver: "vagrant",
    adminPassword: "eight888",
    jwtSecret: "s".repeat(32),
    extraOrigins: ["https://a.example", "http://b.example:8080"],
    logLevel: "silent",
  });
  expect(config.home.secretsDir).toBe("/var/lib/twarga/db/secrets");
});

test.each<[keyof typeof settings, string]>([
  ["PORT", "0"],
  ["PORT", "65536"],
  ["PORT", "80a"],
  ["PORT", "-1"],
  ["PORT", "8e3"],
  ["PORT", " 8000"],
  ["HOST", "http://localhost"],
  ["HOST", "local host"],
  ["TWARGA_DRIVER", "docker"],
  ["TWARGA_DRIVER", "Vagrant"],
  ["TWARGA_ADMIN_PASSWORD", "seven77"],
  ["TWARGA_ADMIN_PASSWORD", "x".repeat(129)],
  ["TWARGA_JWT_SECRET", "x".repeat(31)],
  ["TWARGA_JWT_SECRET", SAMPLE_SECRET],
  ["TWARGA_ORIGINS", "*"],
  ["TWARGA_ORIGINS", "lab.example.net"],
  ["TWARGA_ORIGINS", "https://cloud.example.org/"],
  ["TWARGA_ORIGINS", "https://a.example,null"],
  ["TWARGA_ORIGINS", "ftp://a.example"],
  ["TWARGA_LOG_LEVEL", "loud"],
])("refuses %s=%j with one line that says what is allowed and not what was given", (name, value) => {
  const { message } = refusalOf({ [name]: value });
  expect(message).toBe(`${name} must be ${settings[name].allowed}`);
  expect(message).not.toContain("\n");
  if (value.length > 6) expect(message).not.toContain(value);
});

test("a secret of 32 bytes in fewer characters is long enough", () => {
  expect(parse({ TWARGA_JWT_SECRET: "é".repeat(16) }).jwtSecret).toBe("é".repeat(16));
});

test("the file .env counts where the environment says nothing", () => {
  const file = join(mkdtempSync(join(tmpdir(), "twarga-env-")), ".env");
  writeFileSync(file, '# mine\nPORT=9000\nHOST="0.0.0.0"\n');
  const config = parseConfig(loadEnvironment({ PORT: "9001" }, file), "/project");
  expect(config).toMatchObject({ port: 9001, host: "0.0.0.0" });
  expect(process.env["HOST"]).not.toBe("0.0.0.0");
});

test("no file .env is fine", () => {
  expect(loadEnvironment({ PORT: "9001" }, "/nowhere/.env")).toEqual({ PORT: "9001" });
});

test("secrets are not left for child processes", () => {
  const environment = { PATH: "/bin", TWARGA_ADMIN_PASSWORD: "secret", TWARGA_JWT_SECRET: "secret" };
  forgetSecrets(environment);
  expect(Object.keys(environment)).toEqual(["PATH"]);
});

test("the documents name every setting as the table has it (npm run config:generate)", async () => {
  expect(await Bun.file(join(projectDir, ".env.example")).text()).toBe(envExample());
  const page = await Bun.file(join(projectDir, "docs/configuration.md")).text();
  // The formatter aligns the table; the words must be the same.
  const words = (text: string) => text.replaceAll(/[\s-]+/g, " ");
  expect(words(page)).toBe(words(configurationPage()));
});
