/** Which shell of a machine this tab shows, kept over a refresh and for this tab alone. */
import type { TerminalId, VmId } from "#protocol";
import { terminalId } from "#protocol";

export interface TabMemory {
  read(): TerminalId | null;
  write(id: TerminalId | null): void;
}

export function tabMemory(
  vmId: VmId,
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
): TabMemory {
  const key = `twarga-terminal-${vmId}`;
  return {
    read() {
      const stored = terminalId.safeParse(Number(storage.getItem(key) ?? "none"));
      return stored.success ? stored.data : null;
    },
    write(id) {
      if (id === null) storage.removeItem(key);
      else storage.setItem(key, String(id));
    },
  };
}

/** For browsers whose storage is switched off: remembers as long as the page lives. */
export function safeSessionStorage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  try {
    return sessionStorage;
  } catch {
    const kept = new Map<string, string>();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  }
}
