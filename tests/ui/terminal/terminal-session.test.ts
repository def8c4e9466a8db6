/** One viewer of a shell, against a client that is moved by hand. */
import { describe, expect, test } from "bun:test";
import { RequestError } from "#client";
import { terminalId, vmId } from "#protocol";
import { TerminalSession } from "../../../ui/features/terminal/terminal-session.ts";
import type { TerminalSize } from "../../../ui/features/terminal/terminal-size.ts";
import { HandClient } from "./hand-client.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function setUp(options: { remembered?: number; fitting?: TerminalSize } = {}) {
  const client = new HandClient();
  const drawn: string[] = [];
  const sizes: TerminalSize[] = [];
  const pending: (() => void)[] = [];
  const decoder = new TextDecoder();
  const screen = {
    fittingSize: options.fitting ?? { cols: 100, rows: 30 },
    write(data: Uint8Array, onDrawn: () => void) {
      drawn.push(decoder.decode(data));
      pending.push(onDrawn);
    },
    restore(data: Uint8Array, onDrawn: () => void) {
      drawn.push(`restore:${decoder.decode(data)}`);
      pending.push(onDrawn);
    },
    resize: (size: TerminalSize) => void sizes.push(size),
    fitting() {
      return this.fittingSize;
    },
  };
  let remembered = options.remembered === undefined ? null : terminalId.parse(options.remembered);
  const session = new TerminalSession({
    client,
    vmId: vmId.parse(1),
    screen,
    onState: () => {},
    memory: { read: () => remembered, write: (id) => (remembered = id) },
  });
  const finishDrawing = () => pending.splice(0).forEach((done) => done());
  return { client, session, screen, drawn, sizes, finishDrawing, remembered: () => remembered };
}

async function opened(options: { viewers?: number; size?: TerminalSize } = {}) {
  const all = setUp();
  const open = all.session.open();
  all.client.answer("terminal.open", {
    terminalId: terminalId.parse(7),
    ...(options.size ?? { cols: 100, rows: 30 }),
    viewers: options.viewers ?? 1,
    resumed: false,
  });
  await open;
  return all;
}

describe("opening", () => {
  test("asks with the size that fits and shows the shell", async () => {
    const { client, session, remembered } = await opened();
    expect(client.asked).toEqual([["terminal.open", { vmId: 1, cols: 100, rows: 30, fresh: false }]]);
    expect(session.state).toMatchObject({ phase: "open", terminalId: 7, viewers: 1 });
    expect(remembered()).toBe(terminalId.parse(7));
  });

  test("joins the shell this tab had before a refresh", () => {
    const { client, session } = setUp({ remembered: 5 });
    void session.open();
    expect(client.asked).toEqual([["terminal.open", { vmId: 1, cols: 100, rows: 30, terminalId: 5 }]]);
  });

  test("takes any shell when the remembered one is gone", async () => {
    const { client, session } = setUp({ remembered: 5 });
    void session.open();
    await client.refuse("terminal.open", new RequestError("not_found", "No such terminal"));
    expect(client.asked.at(-1)).toEqual(["terminal.open", { vmId: 1, cols: 100, rows: 30, fresh: false }]);
    expect(session.state.phase).toBe("opening");
  });

  test("says why there is none", async () => {
    const { client, session } = setUp();
    void session.open();
    await client.refuse("terminal.open", new RequestError("conflict", "The VM is not running"));
    expect(session.state).toMatchObject({ phase: "ended", endedBecause: "The VM is not running" });
  });

  test("of a new shell leaves the old one running", async () => {
    const { client, session } = await opened();
    const open = session.openFresh();
    expect(client.asked.slice(1)).toEqual([
      ["terminal.detach", { terminalId: 7 }],
      ["terminal.open", { vmId: 1, cols: 100, rows: 30, fresh: true }],
    ]);
    client.answer("terminal.open", {
      terminalId: terminalId.parse(8),
      cols: 100,
      rows: 30,
      viewers: 1,
      resumed: false,
    });
    await open;
    expect(session.state.terminalId).toBe(terminalId.parse(8));
    expect(client.attached()).toEqual([8]);
  });

  test("that is answered after the page has gone is undone", async () => {
    const { client, session } = setUp();
    const open = session.open();
    session.dispose();
    client.answer("terminal.open", {
      terminalId: terminalId.parse(7),
      cols: 100,
      rows: 30,
      viewers: 1,
      resumed: false,
    });
    await open;
    expect(client.asked.at(-1)).toEqual(["terminal.detach", { terminalId: 7 }]);
    expect(client.attached()).toEqual([]);
  });
});

describe("bytes", () => {
  test("of the shell are acknowledged when they are drawn, not when they arrive", async () => {
    const { client, drawn, finishDrawing } = await opened();
    client.restore(7, bytes("screen"));
    client.output(7, bytes("more"));
    expect(drawn).toEqual(["restore:screen", "more"]);
    expect(client.drawn(7)).toBe(0);
    finishDrawing();
    expect(client.drawn(7)).toBe(10);
  });

  test("typed reach the shell as UTF-8", async () => {
    const { client, session } = await opened();
    session.type("ls é\r");
    session.typeBytes(Uint8Array.of(0xff));
    expect(client.typed(7)).toEqual([...bytes("ls é\r"), 0xff]);
  });
});

describe("sizes", () => {
  test("of the window go to the shell when they change", async () => {
    const { client, session, screen, sizes } = await opened();
    await session.bringSize();
    expect(client.asked).toHaveLength(1);
    screen.fittingSize = { cols: 120, rows: 40 };
    const resize = session.bringSize();
    client.answer("terminal.resize", { cols: 120, rows: 40 });
    await resize;
    expect(client.asked.at(-1)).toEqual(["terminal.resize", { terminalId: 7, cols: 120, rows: 40 }]);
    expect(sizes.at(-1)).toEqual({ cols: 120, rows: 40 });
  });

  test("of another viewer are followed without a fight", async () => {
    const { client, session, sizes } = await opened({ viewers: 2, size: { cols: 80, rows: 24 } });
    client.tell(7, { kind: "changed", cols: 60, rows: 20, viewers: 2 });
    expect(sizes.at(-1)).toEqual({ cols: 60, rows: 20 });
    expect(session.state.size).toEqual({ cols: 60, rows: 20 });
    expect(client.asked).toHaveLength(1);
  });

  test("of a lone viewer are brought to the shell it joins", async () => {
    const { client } = await opened({ viewers: 1, size: { cols: 80, rows: 24 } });
    expect(client.asked.at(-1)).toEqual(["terminal.resize", { terminalId: 7, cols: 100, rows: 30 }]);
  });

  test("that the server refuses change nothing", async () => {
    const { client, session, screen } = await opened();
    screen.fittingSize = { cols: 120, rows: 40 };
    const resize = session.bringSize();
    await client.refuse("terminal.resize", new RequestError("not_found", "No such terminal"));
    await resize;
    expect(session.state.size).toEqual({ cols: 100, rows: 30 });
  });
});

describe("the end", () => {
  test("is shown with its reason, and the shell can be opened anew", async () => {
    const { client, session, remembered } = await opened();
    client.tell(7, { kind: "ended", reason: "exit", exitCode: 3 });
    expect(session.state).toMatchObject({ phase: "ended", endedBecause: "The shell has ended with code 3." });
    expect(client.attached()).toEqual([]);
    expect(remembered()).toBeNull();
    void session.open();
    expect(session.state.phase).toBe("opening");
    expect(client.asked.at(-1)?.[0]).toBe("terminal.open");
  });

  test("is not overwritten by a lost connection", async () => {
    const { client, session } = await opened();
    client.tell(7, { kind: "ended", reason: "vm_stopped", exitCode: null });
    client.setPhase("offline");
    client.setPhase("online");
    expect(session.state.phase).toBe("ended");
    expect(client.asked).toHaveLength(1);
  });

  test("by leaving the page tells the server that nobody watches", async () => {
    const { client, session } = await opened();
    session.dispose();
    expect(client.asked.at(-1)).toEqual(["terminal.detach", { terminalId: 7 }]);
    expect(client.attached()).toEqual([]);
  });
});

describe("a lost connection", () => {
  test("is shown, and the same shell is opened again on the same stream", async () => {
    const { client, session, drawn } = await opened();
    client.setPhase("offline");
    expect(session.state).toMatchObject({ phase: "reconnecting", terminalId: 7 });
    client.setPhase("connecting");
    client.setPhase("online");
    expect(client.asked.at(-1)).toEqual(["terminal.open", { vmId: 1, cols: 100, rows: 30, terminalId: 7 }]);
    await client.answer("terminal.open", {
      terminalId: terminalId.parse(7),
      cols: 100,
      rows: 30,
      viewers: 1,
      resumed: true,
    });
    client.restore(7, bytes("as it was"));
    expect(session.state.phase).toBe("open");
    expect(client.attachments).toBe(1);
    expect(drawn).toEqual(["restore:as it was"]);
  });

  test("to a server that was started anew ends the shell", async () => {
    const { client, session } = await opened();
    client.setPhase("offline");
    client.setPhase("online");
    await client.refuse("terminal.open", new RequestError("not_found", "No such terminal"));
    expect(session.state.phase).toBe("ended");
    expect(session.state.endedBecause).toContain("gone");
  });

  test("while opening is survived", async () => {
    const { client, session } = setUp();
    void session.open();
    client.setPhase("offline");
    await client.refuse("terminal.open", new RequestError("unavailable", "down"));
    expect(session.state.phase).toBe("reconnecting");
    client.setPhase("online");
    expect(client.asked).toHaveLength(2);
    await client.answer("terminal.open", {
      terminalId: terminalId.parse(3),
      cols: 100,
      rows: 30,
      viewers: 1,
      resumed: false,
    });
    expect(session.state.phase).toBe("open");
  });

  test("for good ends the terminal", async () => {
    const { client, session } = await opened();
    client.setPhase("closed");
    expect(session.state).toMatchObject({
      phase: "ended",
      endedBecause: "The connection to the server is closed.",
    });
  });
});
