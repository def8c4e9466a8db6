/** Small rules of the terminal: sizes, keys, links, colours, words. */
import { describe, expect, test } from "bun:test";
import { shortcutOf } from "../../../ui/features/terminal/terminal-keys.ts";
import { titleText, webAddress } from "../../../ui/features/terminal/terminal-link.ts";
import { contrast, onDark, onLight, planPalette } from "../../../ui/features/terminal/terminal-palette.ts";
import { clampSize, isSameSize, shouldBringSize } from "../../../ui/features/terminal/terminal-size.ts";
import { applyTerminalEvent, opening } from "../../../ui/features/terminal/terminal-state.ts";

describe("sizes", () => {
  test.each([
    [
      { cols: 80, rows: 24 },
      { cols: 80, rows: 24 },
    ],
    [
      { cols: 0, rows: 0 },
      { cols: 2, rows: 1 },
    ],
    [
      { cols: 9999, rows: 9999 },
      { cols: 500, rows: 200 },
    ],
    [
      { cols: 80.9, rows: 24.9 },
      { cols: 80, rows: 24 },
    ],
    [
      { cols: Number.NaN, rows: 24 },
      { cols: 80, rows: 24 },
    ],
    [
      { cols: Number.POSITIVE_INFINITY, rows: 24 },
      { cols: 80, rows: 24 },
    ],
  ])("%j becomes %j", (size, clamped) => {
    expect(clampSize(size)).toEqual(clamped);
  });

  test("of a lone viewer count, those of a second viewer do not", () => {
    const shell = { cols: 80, rows: 24 };
    const fitting = { cols: 120, rows: 40 };
    expect(shouldBringSize({ ...shell, viewers: 1 }, fitting)).toBe(true);
    expect(shouldBringSize({ ...shell, viewers: 2 }, fitting)).toBe(false);
    expect(shouldBringSize({ ...shell, viewers: 1 }, shell)).toBe(false);
    expect(isSameSize(shell, { cols: 80, rows: 25 })).toBe(false);
  });
});

describe("keys", () => {
  const key = { type: "keydown", code: "KeyC", ctrlKey: true, shiftKey: true, altKey: false, metaKey: false };

  test.each([
    ["KeyC", "copy"],
    ["KeyV", "paste"],
    ["KeyF", "search"],
    ["KeyE", "leave"],
  ] as const)("Ctrl-Shift-%s is %s", (code, shortcut) => {
    expect(shortcutOf({ ...key, code })).toBe(shortcut);
  });

  test("of the shell stay with the shell", () => {
    expect(shortcutOf({ ...key, shiftKey: false })).toBeNull();
    expect(shortcutOf({ ...key, ctrlKey: false })).toBeNull();
    expect(shortcutOf({ ...key, altKey: true })).toBeNull();
    expect(shortcutOf({ ...key, code: "KeyX" })).toBeNull();
    expect(shortcutOf({ ...key, type: "keyup" })).toBeNull();
  });
});

describe("links", () => {
  test.each([
    ["https://example.org/a?b#c", "https://example.org/a?b#c"],
    ["http://10.0.0.1:8080", "http://10.0.0.1:8080/"],
    ["javascript:alert(1)", null],
    ["data:text/html,x", null],
    ["file:///etc/passwd", null],
    ["vscode://x", null],
    ["https://bank.example@evil.example/", null],
    ["https://user:secret@example.org/", null],
    ["not a link", null],
    ["", null],
  ])("%p leads to %p", (text, address) => {
    expect(webAddress(text)).toBe(address);
  });

  test("a title is plain, short text", () => {
    expect(titleText("vi \u202Egnp.txt\u0007\u001B[31m\n")).toBe("vi gnp.txt[31m");
    expect(titleText("x".repeat(500))).toHaveLength(80);
  });
});

describe("colours", () => {
  const dark = { background: "#0a0d13", foreground: "#dce1ec", accent: "#5a67ee" };
  const light = { background: "#fbfbfd", foreground: "#161a25", accent: "#4451d6" };

  test("follow the background", () => {
    expect(planPalette(dark).red).toBe(onDark.red);
    expect(planPalette(light).red).toBe(onLight.red);
    expect(planPalette(dark).cursor).toBe(dark.foreground);
  });

  test.each([
    ["#10131c", onDark],
    ["#0a0d13", onDark],
    ["#fbfbfd", onLight],
  ] as const)("can be read on %s", (background, palette) => {
    for (const [name, colour] of Object.entries(palette))
      if (!(palette === onDark && name === "black"))
        expect({ name, isReadable: contrast(colour, background) >= 4.5 }).toEqual({ name, isReadable: true });
  });
});

describe("the state", () => {
  test("takes over the size and viewers of the shell", () => {
    const next = applyTerminalEvent(opening, { kind: "changed", cols: 90, rows: 30, viewers: 2 });
    expect(next).toEqual({ ...opening, size: { cols: 90, rows: 30 }, viewers: 2 });
  });

  test.each([
    ["exit", 0, "The shell has ended."],
    ["exit", null, "The shell has ended."],
    ["exit", 130, "The shell has ended with code 130."],
    ["closed", null, "The shell was closed."],
    ["vm_stopped", null, "The VM has stopped, and its shell with it."],
    ["connection_lost", null, "The server lost its connection to the VM."],
    ["server_stopping", null, "The server is stopping. A shell does not survive that."],
  ] as const)("after %s (%p) says: %s", (reason, exitCode, words) => {
    expect(applyTerminalEvent(opening, { kind: "ended", reason, exitCode })).toEqual({
      ...opening,
      phase: "ended",
      endedBecause: words,
    });
  });
});
