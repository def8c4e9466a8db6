/** Lets typed text and known keys through and swallows every other escape sequence, also one cut over writes. */

const BEL = 0x07;
const ESC = 0x1b;
const BRACKET = 0x5b;
const LETTER_O = 0x4f;
const BACKSLASH = 0x5c;
/** A sequence that long is none; its bytes are dropped as they come. */
const LONGEST_SEQUENCE = 256;

/** What follows ESC: arrows, Home, End, with modifiers; `~` keys such as Delete; the marks of a bracketed paste. */
const KNOWN_CSI = /^\[(?:(?:1;\d)?[ABCDFHPQRS]|Z|\d{1,3}(?:;\d)?~)$/;

type State =
  | { readonly kind: "text" }
  | { readonly kind: "escape" }
  /** CSI, or SS3 (`ESC O`) where one more byte is the key. */
  | { readonly kind: "csi" | "ss3" }
  /** OSC, DCS, APC, PM, SOS: text until ST or BEL. */
  | { readonly kind: "string"; readonly sawEscape: boolean };

const TEXT: State = { kind: "text" };
const STRING_STARTS = new Set([..."]P_^X"].map((letter) => letter.charCodeAt(0)));
const isControl = (byte: number) => byte < 0x20;
const isFinal = (byte: number) => byte >= 0x40 && byte <= 0x7e;

/** The answers of a terminal (to "who are you", "where is the cursor", "which colour") end here too: they are no keys. */
export class KeyFilter {
  #state: State = TEXT;
  #held: number[] = [];
  #passed: number[] = [];

  /** What of `bytes`, and of what was held back before, is meant for the line. */
  take(bytes: Uint8Array): Uint8Array {
    this.#passed = [];
    for (const byte of bytes) this.#step(byte);
    return Uint8Array.from(this.#passed);
  }

  #step(byte: number): void {
    const state = this.#state;
    switch (state.kind) {
      case "text":
        if (byte === ESC) this.#begin();
        else this.#passed.push(byte);
        return;
      case "escape":
        return this.#afterEscape(byte);
      case "csi":
      case "ss3":
        return this.#inSequence(byte, state.kind);
      case "string":
        return this.#inString(byte, state.sawEscape);
      default:
        state satisfies never;
    }
  }

  #begin(): void {
    this.#held = [ESC];
    this.#state = { kind: "escape" };
  }

  #afterEscape(byte: number): void {
    this.#held.push(byte);
    if (byte === ESC) return this.#begin();
    if (byte === BRACKET) this.#state = { kind: "csi" };
    else if (byte === LETTER_O) this.#state = { kind: "ss3" };
    else if (STRING_STARTS.has(byte)) this.#state = { kind: "string", sawEscape: false };
    // Alt and a key.
    else this.#end(true);
  }

  #inSequence(byte: number, kind: "csi" | "ss3"): void {
    // A key such as Enter or Ctrl-C in the middle: the sequence was none, the key counts.
    if (isControl(byte)) {
      this.#end(false);
      return this.#step(byte);
    }
    if (this.#held.length < LONGEST_SEQUENCE) this.#held.push(byte);
    if (kind === "ss3") return this.#end(true);
    if (isFinal(byte)) this.#end(KNOWN_CSI.test(String.fromCharCode(...this.#held.slice(1))));
  }

  #inString(byte: number, sawEscape: boolean): void {
    if (byte === BEL || (sawEscape && byte === BACKSLASH)) return this.#end(false);
    if (isControl(byte) && byte !== ESC) {
      this.#end(false);
      return this.#step(byte);
    }
    this.#state = { kind: "string", sawEscape: byte === ESC };
  }

  #end(isKey: boolean): void {
    if (isKey) this.#passed.push(...this.#held);
    this.#held = [];
    this.#state = TEXT;
  }
}
