/** The person's own terminal: raw keys in, bytes out with flow control, its size, and back to normal at the end. */

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export interface LocalTerminal {
  readonly isTty: boolean;
  size(): TerminalSize;
  write(bytes: Uint8Array, written: () => void): void;
  onInput(listener: (bytes: Uint8Array) => void): void;
  onInputEnd(listener: () => void): void;
  onResize(listener: (size: TerminalSize) => void): void;
  dispose(): void;
}

const FALLBACK: TerminalSize = { cols: 80, rows: 24 };

export function openLocalTerminal(): LocalTerminal {
  const { stdin, stdout } = process;
  const isTty = stdin.isTTY === true && stdout.isTTY === true;
  const cleanups: (() => void)[] = [];
  const size = () =>
    // A terminal that does not know its size says 0.
    stdout.columns > 1 && stdout.rows > 0 ? { cols: stdout.columns, rows: stdout.rows } : FALLBACK;
  if (isTty) {
    stdin.setRawMode(true);
    cleanups.push(() => void stdin.setRawMode(false));
  }
  return {
    isTty,
    size,
    write: (bytes, written) => void stdout.write(bytes, () => written()),
    onInput(listener) {
      stdin.on("data", listener);
      cleanups.push(() => void stdin.off("data", listener).pause());
    },
    onInputEnd(listener) {
      stdin.once("end", listener);
      cleanups.push(() => void stdin.off("end", listener));
    },
    onResize(listener) {
      const tell = () => listener(size());
      process.on("SIGWINCH", tell);
      cleanups.push(() => void process.off("SIGWINCH", tell));
    },
    dispose() {
      for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
    },
  };
}
