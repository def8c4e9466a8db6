/** Flow control of a terminal: exact bytes, bounded memory, a Ctrl-C that is answered. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFixture, handClock, type Tab, until, windowBytes } from "./fixture.ts";

// Machines that test are busy; a fact that fails does so by its own deadline.
setDefaultTimeout(30_000);

const made: { dispose(): Promise<void> }[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const each of made.splice(0)) await each.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function fixture(options: Parameters<typeof createFixture>[0] = {}) {
  const created = createFixture(options);
  made.push(created);
  return created;
}

const shows = (tab: Tab, text: string) => until(`"${text}"`, () => tab.tail.includes(text));

function bytesFile(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), "twarga-terminal-"));
  folders.push(folder);
  const path = join(folder, "bytes");
  const line = Buffer.from("grüße 日本 😀 0123456789 the quick brown fox jumps over the lazy dog\n");
  const content = Buffer.concat(
    Array.from({ length: Math.ceil((megabytes * 1024 ** 2) / line.length) }, () => line),
  );
  writeFileSync(path, content);
  return { path, bytes: content.length, hash: new Bun.CryptoHasher("sha256").update(content).digest("hex") };
}

describe("flow control", () => {
  test("output is exact to the byte, also half characters, however slowly it is drawn", async () => {
    const file = bytesFile(6);
    const { open, tab, type } = fixture({
      argv: ["sh", "-c", `stty -opost -echo; printf ready; read go; cat ${file.path}; sleep 60`],
    });
    const one = tab();
    const { terminalId } = await open(one);
    const drawing = one.drawAt(4_000_000);
    await shows(one, "ready");
    one.startHash();
    type(terminalId, "\n", one);
    await until("the whole file", () => one.hashed >= file.bytes, 20_000);
    drawing.stop();
    expect(one.hashed).toBe(file.bytes);
    expect(one.hash.digest("hex")).toBe(file.hash);
  }, 40_000);

  test("a viewer that draws nothing stops the program within its window; memory stays flat", async () => {
    const { open, tab, type } = fixture();
    const one = tab();
    const { terminalId } = await open(one);
    await shows(one, "$ ");
    one.draws = 0;
    type(terminalId, "yes\r", one);
    await until("the window", () => one.undrawn >= windowBytes);
    await Bun.sleep(100);
    const before = { received: one.received, rss: process.memoryUsage.rss() };
    await Bun.sleep(300);
    expect(one.received).toBe(before.received);
    expect(one.undrawn).toBeLessThanOrEqual(windowBytes);
    expect(process.memoryUsage.rss() - before.rss).toBeLessThan(16 * 1024 ** 2);
    one.draws = Number.POSITIVE_INFINITY;
    one.draw();
    await until("more", () => one.received > before.received + 1_000_000);
    type(terminalId, "\u0003", one);
    type(terminalId, "echo still-''here\r", one);
    await shows(one, "still-here");
  });

  test("a socket whose queue is full stops the program until it drains", async () => {
    const { open, tab, type } = fixture();
    const one = tab();
    const { terminalId } = await open(one);
    await shows(one, "$ ");
    one.accepts = false;
    type(terminalId, "yes\r", one);
    await Bun.sleep(100);
    const before = one.received;
    await Bun.sleep(100);
    expect(one.received).toBe(before);
    one.accepts = true;
    one.drain();
    await until("more", () => one.received > before + 1_000_000);
  });

  test("a frozen viewer is set aside after a while, the others go on, and it gets a fresh screen when it wakes", async () => {
    const clock = handClock();
    const { open, tab, type } = fixture({ clock });
    const [live, frozen] = [tab(), tab()];
    const { terminalId } = await open(live);
    await open(frozen);
    frozen.draws = 0;
    type(terminalId, "yes\r", live);
    await until("the frozen one's window", () => frozen.undrawn >= windowBytes);
    const stuckAt = live.received;
    for (let n = 0; n < 5; n++) clock.move(5_000);
    await until("the live one goes on", () => live.received > stuckAt + 1_000_000);
    expect(frozen.undrawn).toBeLessThanOrEqual(windowBytes);
    type(terminalId, "\u0003", live);
    type(terminalId, "echo awake''now\r", live);
    await shows(live, "awakenow");
    const restores = () => frozen.frames.filter((frame) => frame.kind === "restore").length;
    expect(restores()).toBe(1);
    frozen.draws = Number.POSITIVE_INFINITY;
    frozen.draw();
    await until("a fresh screen", () => restores() === 2);
    await shows(frozen, "awakenow");
  }, 15_000);

  test("Ctrl-C ends a flood within 50 ms while a viewer draws 10 MB/s", async () => {
    const { open, tab, type } = fixture();
    const one = tab();
    const { terminalId } = await open(one);
    await shows(one, "$ ");
    const drawing = one.drawAt(10_000_000);
    type(terminalId, "yes\r", one);
    await until("a long flood", () => one.drawn > 3_000_000);
    const typedAt = performance.now();
    type(terminalId, "\u0003", one);
    await until("the prompt is drawn", () => one.tail.endsWith("$ ") && one.undrawn === 0);
    drawing.stop();
    // Twice the promise: this machine is shared while tests run; bench/terminal.ts measures it alone.
    expect(performance.now() - typedAt).toBeLessThan(100);
  });
});
