/** Finds the part of a flood of plain lines that a screen need not parse, because it scrolls out of sight and of memory. */

const LF = 10;
const CR = 13;
/** Parsed in any case: its text ends a control sequence that was open when the plain lines began. */
const HEAD_BYTES = 1_024;

/** First byte of the C1 controls in UTF-8 (C2 80 to C2 9F), and of harmless characters (C2 A0 to C2 BF). */
const C2 = 0xc2;
/**
 * Everything that could change the state of a terminal, ESC first; what is left is text, tab and line ends.
 * Each is looked for with `includes`, which runs at memory speed: all of them together cost less than one loop in script.
 */
const CONTROL_BYTES = [0x1b, 0x7f, ...Array.from({ length: 0x20 }, (_, byte) => byte)].filter(
  (byte) => byte !== 9 && byte !== LF && byte !== CR,
);

export interface PlainChunk {
  readonly bytes: Uint8Array;
  readonly isPlain: boolean;
}

export function lookAt(bytes: Uint8Array): PlainChunk {
  return { bytes, isPlain: !CONTROL_BYTES.some((byte) => bytes.includes(byte)) && !hasC1(bytes) };
}

function hasC1(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(C2); at >= 0; at = bytes.indexOf(C2, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined || next < 0xa0) return true;
  }
  return false;
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

/**
 * The chunks without what need not be parsed, or null when nothing may be left out. `keepLines` covers the whole
 * screen and scrollback. Both cuts lie behind a CR LF, so the cursor is in column 0 at either; only valid while no
 * scroll margins are set, as lines outside of margins never scroll out.
 */
export function skipFlood(chunks: readonly PlainChunk[], keepLines: number): readonly PlainChunk[] | null {
  if (chunks.some((chunk) => !chunk.isPlain)) return null;
  const head = endOfHead(chunks);
  const tail = startOfTail(chunks, keepLines);
  if (!head || !tail || head.chunk > tail.chunk || (head.chunk === tail.chunk && head.at >= tail.at))
    return null;
  const kept = chunks.slice(0, head.chunk).map(({ bytes }) => bytes);
  const [first, last] = [chunks[head.chunk], chunks[tail.chunk]];
  if (first) kept.push(first.bytes.subarray(0, head.at));
  if (last) kept.push(last.bytes.subarray(tail.at));
  return [...kept.map(lookAt), ...chunks.slice(tail.chunk + 1)];
}

interface Cut {
  readonly chunk: number;
  readonly at: number;
}

function endOfHead(chunks: readonly PlainChunk[]): Cut | null {
  let passed = 0;
  for (const [chunk, { bytes }] of chunks.entries()) {
    for (let at = bytes.indexOf(LF, Math.max(1, HEAD_BYTES - passed)); at > 0; at = bytes.indexOf(LF, at + 1))
      if (bytes[at - 1] === CR) return { chunk, at: at + 1 };
    passed += bytes.length;
  }
  return null;
}

function startOfTail(chunks: readonly PlainChunk[], keepLines: number): Cut | null {
  let lines = 0;
  for (let chunk = chunks.length - 1; chunk >= 0; chunk--) {
    const bytes = chunks[chunk]?.bytes ?? new Uint8Array();
    lines += countLineFeeds(bytes);
    // The lines before the cut in this chunk do not count.
    let kept = lines;
    for (let at = bytes.indexOf(LF); at >= 0 && kept > keepLines; at = bytes.indexOf(LF, at + 1)) {
      kept -= 1;
      if (kept >= keepLines && at > 0 && bytes[at - 1] === CR) return { chunk, at: at + 1 };
    }
  }
  return null;
}
