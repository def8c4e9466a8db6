/** The escape of ssh: `~.` at the start of a line leaves, `~~` types a tilde. Pure, so that every split of bytes is tested. */

const TILDE = 0x7e;
const DOT = 0x2e;
const CR = 0x0d;
const LF = 0x0a;

type Position = "line_start" | "after_tilde" | "inside";

export interface Filtered {
  readonly forward: Uint8Array;
  /** The person wants to leave; what came after it is dropped. */
  readonly leave: boolean;
}

export class EscapeFilter {
  #position: Position = "line_start";

  take(typed: Uint8Array): Filtered {
    const forward: number[] = [];
    for (const byte of typed) {
      if (this.#position === "line_start" && byte === TILDE) {
        this.#position = "after_tilde";
        continue;
      }
      if (this.#position === "after_tilde") {
        if (byte === DOT) return { forward: Uint8Array.from(forward), leave: true };
        // The held tilde is typed after all; of two, one is enough.
        if (byte !== TILDE) forward.push(TILDE);
      }
      forward.push(byte);
      this.#position = byte === CR || byte === LF ? "line_start" : "inside";
    }
    return { forward: Uint8Array.from(forward), leave: false };
  }
}
