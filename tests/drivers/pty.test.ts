/** Programs on a pseudo-terminal: real ones, with bytes counted and processes looked up. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPty, type PtyStream } from "../../server/drivers/pty.ts";
import { isAlive } from "../helpers/processes.ts";

// Machines that test are busy; a fact that fails does so by its own deadline.
setDefaultTimeout(30_000);

const open: PtyStream[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const stream of open.splice(0)) {
    stream.close();
    await stream.exited;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, fact: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!fact()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await Bun.sleep(5);
  }
}

function start(argv: string[], options: { env?: Record<string, string> } = {}) {
  const seen = { bytes: 0, hash: new Bun.CryptoHasher("sha256"), text: "", last: 0 };
  const stream = openPty(argv, {
    size: { cols: 100, rows: 30 },
    ...options,
    onData: (bytes) => {
      seen.bytes += bytes.length;
      seen.hash.update(bytes);
      seen.text = (seen.text + Buffer.from(bytes).toString("latin1")).slice(-20_000);
      seen.last = performance.now();
    },
  });
  open.push(stream);
  return { stream, seen };
}

const type = (stream: PtyStream, text: string) => stream.write(Buffer.from(text));

function bigFile(megabytes: number): { path: string; hash: string; bytes: number } {
  const folder = mkdtempSync(join(tmpdir(), "twarga-pty-"));
  folders.push(folder);
  const path = join(folder, "big.bin");
  // Every byte value, so that half characters and control bytes cross every border.
  const block = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
  const content = Buffer.concat(Array.from({ length: megabytes }, () => block));
  writeFileSync(path, content);
  return { path, hash: new Bun.CryptoHasher("sha256").update(content).digest("hex"), bytes: content.length };
}

describe("a program on a pseudo-terminal", () => {
  test("runs on a controlling tty of the asked size, follows resizes and hears Ctrl-C", async () => {
    const { stream, seen } = start(["bash", "--norc"]);
    type(stream, "stty size; echo T=$TERM\r");
    await until("size", () => /30 100\r\nT=xterm-256color/.test(seen.text));
    stream.resize({ cols: 132, rows: 43 });
    type(stream, "stty size\r");
    await until("new size", () => seen.text.includes("43 132"));
    type(stream, "sleep 60; echo rc=$?\r");
    await until("typed", () => seen.text.includes("rc=$?\r\n"));
    // Once a second anew: a key may come before the shell has started the program.
    const typing = setInterval(() => type(stream, "\x03echo after=$?\r"), 1_000);
    await until("interrupted", () => seen.text.includes("after=130"));
    clearInterval(typing);
  });

  test("gives the exit code after the last byte", async () => {
    const { stream, seen } = start(["sh", "-c", "seq 1 200000; exit 7"]);
    expect(await stream.exited).toEqual({ exitCode: 7 });
    expect(seen.text.endsWith("\r\n200000\r\n")).toBe(true);
    expect(seen.bytes).toBe(1_288_895 + 200_000);
  });

  test.each(["sane", "raw"])(
    "loses and doubles nothing while paused again and again (%s tty)",
    async (mode) => {
      const file = bigFile(16);
      const { stream, seen } = start(["sh", "-c", `stty ${mode} -opost -echo; cat ${file.path}`]);
      while (seen.bytes < file.bytes / 2) {
        const before = seen.bytes;
        await until("progress", () => seen.bytes > before + 100_000);
        stream.pause();
        // What the kernel already holds still arrives: at most its 64 KiB buffer plus one line.
        const paused = seen.bytes;
        await Bun.sleep(30);
        expect(seen.bytes - paused).toBeLessThan(200_000);
        const settled = seen.bytes;
        await Bun.sleep(30);
        expect(seen.bytes).toBe(settled);
        stream.resume();
      }
      await stream.exited;
      expect(seen.bytes).toBe(file.bytes);
      expect(seen.hash.digest("hex")).toBe(file.hash);
    },
  );

  test("a paused flood makes no memory grow and still hears Ctrl-C", async () => {
    const { stream, seen } = start(["bash", "--norc"]);
    type(stream, "yes\r");
    await until("flood", () => seen.bytes > 1_000_000);
    stream.pause();
    await Bun.sleep(20);
    const before = { bytes: seen.bytes, rss: process.memoryUsage.rss() };
    await Bun.sleep(200);
    expect(seen.bytes).toBe(before.bytes);
    expect(process.memoryUsage.rss() - before.rss).toBeLessThan(16 * 1024 * 1024);
    type(stream, "\x03");
    stream.resume();
    type(stream, "echo interrupted\r");
    await until("prompt", () => seen.text.includes("\rinterrupted\r\n"));
  });

  test("close ends background jobs and those that ignore the hang-up, twice is fine", async () => {
    const { stream, seen } = start(["bash", "--norc"]);
    type(
      stream,
      "(trap '' HUP TERM; sleep 300) & echo one=$!; (setsid sh -c 'echo two=$$; exec sleep 301'; true) &\r",
    );
    await until("pids", () => /two=\d+\r/.test(seen.text));
    const pids = [...seen.text.matchAll(/(?:one|two)=(\d+)/g)].map((match) => Number(match[1]));
    expect(pids.filter(isAlive)).toEqual(pids);
    stream.close();
    stream.close();
    await stream.exited;
    await until("all gone", () => !pids.some(isAlive));
    type(stream, "ignored");
    stream.resize({ cols: 10, rows: 10 });
    stream.pause();
    stream.resume();
  });

  test("closes while paused", async () => {
    const { stream, seen } = start(["yes"]);
    await until("flood", () => seen.bytes > 100_000);
    stream.pause();
    stream.close();
    await stream.exited;
    expect(isAlive(stream.pid)).toBe(false);
  });

  test("input a program never reads stays bounded", async () => {
    const { stream, seen } = start(["sh", "-c", "stty raw -echo; echo ready; sleep 300"]);
    await until("ready", () => seen.text.includes("ready"));
    const before = process.memoryUsage.rss();
    const block = new Uint8Array(64 * 1024).fill(97);
    for (let n = 0; n < 1_000; n++) stream.write(block);
    expect(process.memoryUsage.rss() - before).toBeLessThan(24 * 1024 * 1024);
  });

  test("throws when the program does not exist", () => {
    expect(() => start(["/nonexistent/program"])).toThrow();
  });
});
