/** The launcher, in a small copy of the project: what it installs, builds, repairs and passes through. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const projectDir = resolve(import.meta.dir, "../..");
const node = Bun.which("node");
const TIMEOUT_MS = 60_000;
let copy = "";

/** Stands in for the server: the launcher only has to start it and to end with it. */
const SERVER = `
process.on("SIGTERM", () => { console.log("ended by SIGTERM"); process.exit(7); });
console.log("started", process.versions.bun ? "by Bun" : "by Node");
if (process.env.END_WITH) process.exit(Number(process.env.END_WITH));
setInterval(() => {}, 1000);
`;
const VITE = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
if (process.env.BREAK_BUILD) { console.error("the build is broken"); process.exit(1); }
const outDir = process.argv[process.argv.indexOf("--outDir") + 1];
mkdirSync(outDir + "/assets", { recursive: true });
writeFileSync(outDir + "/index.html", "built");
writeFileSync(outDir + "/assets/part-" + Date.now() + ".js", "");
appendFileSync("builds.log", "built\\n");
`;

function writePackage(name: string, version: string): void {
  mkdirSync(join(copy, "node_modules", name), { recursive: true });
  writeFileSync(join(copy, "node_modules", name, "package.json"), JSON.stringify({ name, version }));
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "twarga-launch-"));
  cpSync(join(projectDir, "server/launch"), join(copy, "server/launch"), { recursive: true });
  mkdirSync(join(copy, "server/protocol"));
  mkdirSync(join(copy, "ui"));
  writeFileSync(join(copy, "server/main.ts"), SERVER);
  writeFileSync(join(copy, "server/protocol/index.ts"), "export {};\n");
  writeFileSync(join(copy, "ui/main.ts"), "export {};\n");
  const dependencies = { bun: "1.0.0", vite: "2.0.0" };
  writeFileSync(
    join(copy, "package.json"),
    JSON.stringify({ type: "module", dependencies, devDependencies: {} }),
  );
  const packages = { "node_modules/bun": { version: "1.0.0" }, "node_modules/vite": { version: "2.0.0" } };
  writeFileSync(join(copy, "package-lock.json"), JSON.stringify({ packages: { "": {}, ...packages } }));
  writePackage("bun", "1.0.0");
  writePackage("vite", "2.0.0");
  writeFileSync(join(copy, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
  mkdirSync(join(copy, "node_modules/vite/bin"));
  writeFileSync(join(copy, "node_modules/vite/bin/vite.js"), VITE);
  writeFileSync(
    join(copy, "node_modules/vite/package.json"),
    JSON.stringify({ version: "2.0.0", type: "module" }),
  );
  mkdirSync(join(copy, "node_modules/bun/bin"));
  symlinkSync(process.execPath, join(copy, "node_modules/bun/bin/bun.exe"));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function launch(env: Record<string, string> = {}) {
  return Bun.spawn([node ?? "node", "server/launch/start.mjs"], {
    cwd: copy,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function runToEnd(env: Record<string, string>) {
  const child = launch(env);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, stdout, stderr };
}

const builds = () => readFileSync(join(copy, "builds.log"), "utf8").trim().split("\n").length;

test.skipIf(node === null)(
  "the first start builds the page, the second does not, a changed source does again",
  async () => {
    const first = await runToEnd({ END_WITH: "0" });
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toBe("Building the web page ...\nstarted by Bun\n");
    expect((await runToEnd({ END_WITH: "0" })).stdout).toBe("started by Bun\n");
    expect(builds()).toBe(1);
    writeFileSync(join(copy, "server/protocol/index.ts"), "export const changed = true;\n");
    const before = readdirSync(join(copy, "ui/dist/assets"));
    await runToEnd({ END_WITH: "0" });
    expect(builds()).toBe(2);
    // Whoever has the old page open still finds its parts.
    const after = readdirSync(join(copy, "ui/dist/assets"));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after).toHaveLength(before.length + 1);
    expect(readdirSync(join(copy, "ui")).sort()).toEqual(["dist", "main.ts"]);
  },
  TIMEOUT_MS,
);

test.skipIf(node === null)(
  "a broken build ends the start with what the build printed, and is tried again",
  async () => {
    writeFileSync(join(copy, "ui/main.ts"), "export const broken = true;\n");
    const broken = await runToEnd({ BREAK_BUILD: "1" });
    expect(broken.exitCode).toBe(1);
    expect(broken.stderr).toBe("Building the web page failed.\nthe build is broken\n");
    expect(existsSync(join(copy, "ui/dist/index.html"))).toBe(true);
    expect((await runToEnd({ END_WITH: "0" })).stdout).toContain("Building the web page");
  },
  TIMEOUT_MS,
);

test.skipIf(node === null)(
  "the exit code of the server is the exit code of the start",
  async () => {
    expect((await runToEnd({ END_WITH: "3" })).exitCode).toBe(3);
  },
  TIMEOUT_MS,
);

test.skipIf(node === null)(
  "SIGTERM reaches the server, and its end ends the start",
  async () => {
    const child = launch();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("started")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`It ended early: ${text}`);
      text += value;
    }
    child.kill("SIGTERM");
    expect(await child.exited).toBe(7);
    expect((await reader.read()).value).toContain("ended by SIGTERM");
  },
  TIMEOUT_MS,
);

test.skipIf(node === null)(
  "an old Node is refused in one line",
  async () => {
    // Asked through the file itself, with the version of an old Node in its place.
    const script = `Object.defineProperty(process.versions, "node", { value: "18.19.0" }); await import("./server/launch/start.mjs");`;
    const child = Bun.spawn([node ?? "node", "--input-type=module", "-e", script], {
      cwd: copy,
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toBe("Node 20 or newer is needed; this is 18.19.0.\n");
    expect(await child.exited).toBe(1);
  },
  TIMEOUT_MS,
);
