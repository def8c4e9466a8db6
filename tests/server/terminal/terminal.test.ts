/** Terminals as their viewers see them: rights, joining, size, end. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { AppError } from "../../../server/core/errors.ts";
import { createFixture, handClock, machine, owner, admin, stranger, type Tab, until } from "./fixture.ts";

// Machines that test are busy; a fact that fails does so by its own deadline.
setDefaultTimeout(30_000);

const made: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of made.splice(0)) await each.dispose();
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

  test("a VM that stops while its shell is being opened gets no terminal", async () => {
    const door = Promise.withResolvers<void>();
    const { run, tab, setState, streams } = fixture({ beforeShell: () => door.promise });
    const input = { vmId: machine.vmId, cols: 80, rows: 24, fresh: false };
    const [first, second] = [tab(), tab()];
    const openings = [first, second].map((each) => codeOf(() => run("terminal.open", input, owner, each)));
    setState("destroying");
    door.resolve();
    expect(await Promise.all(openings)).toEqual(["conflict", "conflict"]);
    await streams[0]?.exited;
    expect([...first.frames, ...second.frames]).toEqual([]);
  });

  test("whoever left before the screen was drawn does not get it", async () => {
    const { open, run, tab, bus, feature } = fixture();
    const [mine, late] = [tab(), tab()];
    const { terminalId } = await open(mine);
    const input = { vmId: machine.vmId, cols: 80, rows: 24, fresh: false };
    // Unparsed output makes the screen take more than one turn.
    feature.sink.input(terminalId, Buffer.from("seq 1 200000\r"), owner, mine);
    await shows(mine, "000\r\n");
    const leaving = { ...owner, sessionId: "s4" };
    await run("terminal.open", input, leaving, late);
    // The screen is asked for in the next turn, and drawn in a later one.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    bus.endSessions({ kind: "session", sessionId: leaving.sessionId });
    const before = late.frames.length;
    feature.sink.input(terminalId, Buffer.from("echo it-is''-over\r"), owner, mine);
    await shows(mine, "it-is-over");
    expect(late.frames.length - before).toBe(0);
  });

  test("a key that only reads like an id is none", async () => {
    const { open, tab, feature } = fixture();
    const { terminalId } = await open(tab());
    const snapshot = (key: string) =>
      codeOf(() => feature.topics[0]?.snapshot({ session: owner, ownerId: null, key }));
    expect(await snapshot(String(terminalId))).toBe("accepted");
    for (const key of [
      `0x${terminalId.toString(16)}`,
      ` ${terminalId}`,
      `${terminalId}.0`,
      `+${terminalId}`,
      `0${terminalId}`,
    ])
      expect([key, await snapshot(key)]).toEqual([key, "not_found"]);
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
