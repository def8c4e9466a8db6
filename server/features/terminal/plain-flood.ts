/** Finds the part of a flood of plain lines that a screen need not parse, because it scrolls out of sight and of memory. */

const LF = 10;
const CR = 13;
/** Parsed in any case: its text ends a control sequence that was open when the plain lines began. */
const HEAD_BYTES = 1_024;

/**
 * Bytes that leave nothing but text behind: printable ASCII, UTF-8, tab and line ends. Everything that could change
 * the state of a terminal is excluded, also the C1 controls, which UTF-8 writes as C2 80 to C2 9F.
 */
const isPlain = new Uint8Array(256).map((_, byte) =>
  Number((byte >= 0x20 && byte !== 0x7f && byte !== 0xc2) || byte === 9 || byte === LF || byte === CR),
);

export interface Skip {
  /** `bytes[from..to)` may be left out: the screen and its scrollback end up the same. */
  readonly from: number;
  readonly to: number;
}

/**
 * `keepLines` covers the whole screen and scrollback. Both cuts lie behind a CR LF, so the cursor is in column 0 at
 * either; only valid while no scroll margins are set, as lines outside of margins never scroll out.
 */
export function findSkip(bytes: Uint8Array, keepLines: number): Skip | null {
  const to = startOfLastLines(bytes, keepLines);
  const from = endOfHead(bytes);
  if (to === null || from === null || from >= to) return null;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isPlain[byte] === 1) continue;
    const next = bytes[at + 1];
    if (byte === 0xc2 && next !== undefined && next >= 0xa0) continue;
    return null;
  }
  return { from, to };
}

function startOfLastLines(bytes: Uint8Array, lines: number): number | null {
  let left = lines;
  for (let at = bytes.lastIndexOf(LF); at > 0; at = bytes.lastIndexOf(LF, at - 1)) {
    left -= 1;
    if (left < 0 && bytes[at - 1] === CR) return at + 1;
  }
  return null;
}

function endOfHead(bytes: Uint8Array): number | null {
  for (let at = bytes.indexOf(LF, HEAD_BYTES); at > 0; at = bytes.indexOf(LF, at + 1))
    if (bytes[at - 1] === CR) return at + 1;
  return null;
}
