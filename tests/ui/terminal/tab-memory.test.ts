/** What a tab remembers of its terminal, and how the terminal looks. */
import { describe, expect, test } from "bun:test";
import { terminalId, vmId } from "#protocol";
import { tabMemory } from "../../../ui/features/terminal/tab-memory.ts";
import { fontSizes, planLook, stepFontSize } from "../../../ui/features/terminal/terminal-look.ts";

function storage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe("a tab", () => {
  test("remembers the shell of each machine", () => {
    const place = storage();
    const memory = tabMemory(vmId.parse(1), place);
    expect(memory.read()).toBeNull();
    memory.write(terminalId.parse(7));
    expect(memory.read()).toBe(terminalId.parse(7));
    expect(tabMemory(vmId.parse(2), place).read()).toBeNull();
    memory.write(null);
    expect(place.kept.size).toBe(0);
  });

  test.each(["", "x", "-1", "1.5", "99999999999"])("forgets %p, which is no shell", (text) => {
    const place = storage();
    place.setItem("twarga-terminal-1", text);
    expect(tabMemory(vmId.parse(1), place).read()).toBeNull();
  });
});

describe("the look", () => {
  test("comes from the tokens of the page and the settings of the person", () => {
    const tokens: Record<string, string> = {
      "--terminal-bg": "#0a0d13",
      "--terminal-fg": "#dce1ec",
      "--accent": "#5a67ee",
      "--font-mono": "Mono",
    };
    const look = planLook((name) => tokens[name] ?? "", { fontSize: 15, isScreenReader: true });
    expect(look).toMatchObject({ fontFamily: "Mono", fontSize: 15, screenReaderMode: true });
    expect(look.theme).toMatchObject({ background: "#0a0d13", foreground: "#dce1ec" });
  });

  test("has letters that stay within reason", () => {
    expect(stepFontSize(13, 1)).toBe(14);
    expect(stepFontSize(fontSizes.max, 1)).toBe(fontSizes.max);
    expect(stepFontSize(fontSizes.min, -1)).toBe(fontSizes.min);
  });
});
