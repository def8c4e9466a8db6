import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../../server/core/errors.ts";
import { createFixture, machine, owner, admin, stranger, type Tab, until, windowBytes } from "./fixture.ts";

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

const codeOf = async (action: () => unknown) => {
  try {
    await action();
    return "accepted";
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};
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

describe("who may use a terminal", () => {
  test("a stranger gets the answer of a VM that does not exist, and nothing he sends arrives", async () => {
    const { open, tab, run, feature, typed } = fixture();
    const [mine, his] = [tab(), tab()];
    const { terminalId } = await open(mine);
    const input = { vmId: machine.vmId, cols: 80, rows: 24, fresh: false };
    expect(await codeOf(() => run("terminal.open", input, stranger, his))).toBe("not_found");
    expect(await codeOf(() => run("terminal.open", { ...input, terminalId }, stranger, his))).toBe(
      "not_found",
    );
    const size = { terminalId, cols: 100, rows: 30 };
    expect(await codeOf(() => run("terminal.resize", size, stranger, his))).toBe("not_found");
    expect(await codeOf(() => run("terminal.detach", { terminalId }, stranger, his))).toBe("not_found");
    expect(await codeOf(() => run("terminal.close", { terminalId }, stranger, his))).toBe("not_found");
    const topic = feature.topics[0];
    const request = { session: stranger, ownerId: null, key: String(terminalId) };
    expect(await codeOf(() => topic?.snapshot(request))).toBe("not_found");
    const before = typed.length;
    for (const channel of [his, mine])
      expect(await codeOf(() => feature.sink.input(terminalId, Buffer.from("id\r"), stranger, channel))).toBe(
        "forbidden",
      );
    expect(await codeOf(() => feature.sink.input(terminalId, Buffer.from("id\r"), owner, his))).toBe(
      "forbidden",
    );
    expect(typed.length).toBe(before);
  });

  test("an admin may watch and type; a second-hand terminal id of another VM is not found", async () => {
    const { open, tab, run, type } = fixture();
    const [mine, theirs] = [tab(), tab()];
    const { terminalId } = await open(mine);
    expect(await open(theirs, admin)).toMatchObject({ terminalId, resumed: true, viewers: 2 });
    type(terminalId, "echo by-admin\r", theirs, admin);
    await shows(mine, "by-admin\r\n");
    expect(await codeOf(() => run("terminal.resize", { terminalId, cols: 90, rows: 20 }, admin, tab()))).toBe(
      "forbidden",
    );
  });

  test("needs a socket and a running VM", async () => {
    const { run, tab, setState } = fixture();
    const input = { vmId: machine.vmId, cols: 80, rows: 24, fresh: false };
    expect(await codeOf(() => run("terminal.open", input, owner, null))).toBe("unsupported");
    setState("stopped");
    expect(await codeOf(() => run("terminal.open", input, owner, tab()))).toBe("conflict");
  });

  test("a revoked session stops watching at once", async () => {
    const { open, tab, bus, feature } = fixture();
    const mine = tab();
    const { terminalId } = await open(mine);
    bus.endSessions({ kind: "session", sessionId: owner.sessionId });
    expect(await codeOf(() => feature.sink.input(terminalId, Buffer.from("x"), owner, mine))).toBe(
      "forbidden",
    );
  });
});

describe("several viewers", () => {
  test("two viewers see the same bytes, in order", async () => {
    const { open, tab, type } = fixture();
    const [one, two] = [tab(), tab()];
    const { terminalId } = await open(one);
    await shows(one, "$ ");
    await open(two);
    const [from, start] = [one.hashed, two.hashed];
    const [a, b] = [one.output.length, two.output.length];
    type(terminalId, "seq 1 20000; echo all-''done\r", one);
    await shows(one, "all-done");
    await shows(two, "all-done");
    await until("the same", () => one.hashed - from === two.hashed - start);
    expect(Buffer.concat(two.output.slice(b)).equals(Buffer.concat(one.output.slice(a)))).toBe(true);
    expect(Buffer.concat(one.output.slice(a)).toString()).toContain("\r\n19999\r\n20000\r\nall-done");
  });

  test("a late joiner gets the screen, its colours, modes and cursor, then exactly what follows", async () => {
    const { open, tab, type } = fixture();
    const [one, two] = [tab(), tab()];
    const { terminalId } = await open(one);
    type(
      terminalId,
      "printf '\\033[31mred\\033[0m \\033[?1h\\033[?25l\\033]2;my title\\007'; echo mark''er\r",
      one,
    );
    await shows(one, "marker");
    await until("the end of the line", () => /marker\r\n[\s\S]*\$ $/.test(one.text));
    expect((await open(two)).resumed).toBe(true);
    const screen = two.text;
    expect(screen.startsWith("\u001bc")).toBe(true);
    expect(screen).toContain("\u001b[31mred");
    expect(screen).toContain("\u001b[?1h");
    expect(screen).toContain("\u001b[?25l");
    expect(screen).toContain("\u001b]2;my title");
    expect(screen.split("marker").length).toBe(2);
  });

  test("a joiner in the middle of a flood misses and doubles no byte", async () => {
    const { open, tab, type } = fixture();
    const one = tab();
    const { terminalId } = await open(one);
    type(terminalId, "seq -f 'line %.0f' 1 300000; echo over''all\r", one);
    await until("a flood", () => one.received > 500_000);
    const joiners = [tab(), tab(), tab()];
    for (const joiner of joiners) await open(joiner);
    for (const joiner of joiners) await shows(joiner, "overall");
    for (const joiner of joiners) {
      const lines = [...joiner.text.matchAll(/line (\d+)\r\n/g)].map((match) => Number(match[1]));
      const gaps = lines.filter((line, n) => n > 0 && line !== (lines[n - 1] ?? 0) + 1);
      expect(gaps).toEqual([]);
      expect(lines.at(-1)).toBe(300_000);
      expect(lines.length).toBeGreaterThan(4_900);
    }
  }, 20_000);

  test("a query of a program is answered once, whoever watches", async () => {
    const { open, tab, type, typed } = fixture();
    const [one, two] = [tab(), tab()];
    const { terminalId } = await open(one);
    await open(two);
    const before = typed.length;
    type(
      terminalId,
      "stty -echo raw; printf '\\033[6n\\033[c\\033]11;?\\007'; sleep 0.3; stty sane; echo\r",
      one,
    );
    await until("answers", () => typed.slice(before).join("").includes("\u001b[?1;2c"));
    await Bun.sleep(100);
    const answers = typed.slice(before + 1).join("");
    expect(answers.match(/\[\d+;\d+R/g)?.length).toBe(1);
    expect(answers.match(/\[\?1;2c/g)?.length).toBe(1);
    expect(answers.match(/\]11;rgb:/g)?.length).toBe(1);
  });

  test("the last to resize wins for all, and joining others changes nothing", async () => {
    const { open, tab, type, run, events } = fixture();
    const [one, two] = [tab(), tab()];
    const { terminalId } = await open(one);
    expect(await open(two, owner, { cols: 40, rows: 10 })).toMatchObject({ cols: 80, rows: 24 });
    await run("terminal.resize", { terminalId, cols: 132, rows: 43 }, owner, two);
    type(terminalId, "stty size\r", one);
    await shows(one, "43 132");
    expect(events).toContainEqual({ kind: "changed", cols: 132, rows: 43, viewers: 2 });
    await run("terminal.detach", { terminalId }, owner, two);
    expect(events.at(-1)).toEqual({ kind: "changed", cols: 132, rows: 43, viewers: 1 });
  });
});

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

describe("the life of a terminal", () => {
  test("survives its viewers: a new socket finds the shell as it was", async () => {
    const { open, tab, type } = fixture();
    const one = tab();
    const { terminalId } = await open(one);
    type(terminalId, "secret=kept; echo set''it\r", one);
    await shows(one, "setit");
    one.close();
    const two = tab();
    expect(await open(two, owner, { cols: 100, rows: 30 })).toMatchObject({
      terminalId,
      resumed: true,
      viewers: 1,
      cols: 100,
    });
    expect(two.text).toContain("setit");
    type(terminalId, "echo $secret; stty size\r", two);
    await shows(two, "kept\r\n30 100");
  });

  test("two tabs that open at the same moment share one shell; `fresh` starts another", async () => {
    const { open, tab, streams } = fixture();
    const [a, b] = await Promise.all([open(tab()), open(tab())]);
    expect(a.terminalId).toBe(b.terminalId);
    expect(streams.length).toBe(1);
    const c = await open(tab(), owner, { fresh: true });
    expect(c.terminalId).not.toBe(a.terminalId);
    expect((await open(tab())).terminalId).toBe(c.terminalId);
    expect((await open(tab(), owner, { terminalId: a.terminalId })).terminalId).toBe(a.terminalId);
  });

  test("ends with the exit code of the shell, after its last byte", async () => {
    const { open, tab, type, events, run } = fixture();
    const one = tab();
    const { terminalId } = await open(one);
    type(terminalId, "seq 1 50000; exit 4\r", one);
    await until("the end", () => events.some((event) => event.kind === "ended"));
    expect(events.at(-1)).toEqual({ kind: "ended", reason: "exit", exitCode: 4 });
    expect(one.text).toContain("\r\n49999\r\n50000\r\n");
    expect(await codeOf(() => run("terminal.close", { terminalId }, owner, one))).toBe("not_found");
  });

  test("ends for everybody when it is closed, when the VM stops and when the server stops", async () => {
    const { open, tab, run, events, bus, feature, streams } = fixture();
    const first = await open(tab());
    await run("terminal.close", { terminalId: first.terminalId }, owner, tab());
    expect(events.at(-1)).toEqual({ kind: "ended", reason: "closed", exitCode: null });
    await open(tab());
    bus.publish(
      "vm.state",
      { kind: "owner", ownerId: owner.userId },
      { kind: "removed", vmId: machine.vmId },
    );
    expect(events.at(-1)).toEqual({ kind: "ended", reason: "vm_stopped", exitCode: null });
    await open(tab());
    await feature.dispose();
    expect(events.at(-1)).toEqual({ kind: "ended", reason: "server_stopping", exitCode: null });
    await Promise.all(streams.map((stream) => stream.exited));
  });

  test("one that nobody watches ends after an hour, not earlier", async () => {
    const clock = handClock();
    const { open, tab, events } = fixture({ clock });
    const one = tab();
    await open(one);
    clock.move(2 * 3_600_000);
    expect(events.some((event) => event.kind === "ended")).toBe(false);
    one.close();
    clock.move(3_599_000);
    expect(events.some((event) => event.kind === "ended")).toBe(false);
    clock.move(2_000);
    expect(events.at(-1)).toMatchObject({ kind: "ended", reason: "closed" });
  });

  test("the seventeenth takes the place of one that nobody watches, else it is refused", async () => {
    const { open, tab, run } = fixture({ argv: ["cat"] });
    const tabs = Array.from({ length: 16 }, () => tab());
    for (const each of tabs) await open(each, owner, { fresh: true });
    const input = { vmId: machine.vmId, cols: 80, rows: 24, fresh: true };
    expect(await codeOf(() => run("terminal.open", input, owner, tab()))).toBe("conflict");
    tabs[3]?.close();
    expect(await codeOf(() => run("terminal.open", input, owner, tab()))).toBe("accepted");
  });
});

/** Real time for what is short, moved by hand for what is long. */
function handClock() {
  let now = 1_000_000;
  const timers = new Set<{ at: number; fn: () => void }>();
  const start = performance.now();
  const real = () => now + (performance.now() - start);
  return {
    now: real,
    after(ms: number, fn: () => void) {
      if (ms < 1_000) {
        const short = setTimeout(fn, ms);
        return { dispose: () => clearTimeout(short) };
      }
      const timer = { at: real() + ms, fn };
      timers.add(timer);
      return { dispose: () => void timers.delete(timer) };
    },
    every: () => ({ dispose: () => {} }),
    move(ms: number) {
      now += ms;
      for (const timer of [...timers].toSorted((a, b) => a.at - b.at)) {
        if (timer.at > real() || !timers.delete(timer)) continue;
        timer.fn();
      }
    },
  };
}
