/** Finds the part of a flood of plain lines that a screen need not parse, because it scrolls out of sight and of memory. */

const LF = 10;
const CR = 13;
/** Parsed in any case: its text ends a control sequence that was open when the plain lines began. */
const HEAD_BYTES = 1_024;

/**
 * Bytes that leave nothing but text behind: printable ASCII, UTF-8, tab and line ends. Everything that could change
 * the state of a terminal is excluded, also the C1 controls, which UTF-8 writes as C2 80 to C2 9F.
 */
const plainBytes = new Uint8Array(256).map((_, byte) =>
  Number((byte >= 0x20 && byte !== 0x7f && byte !== 0xc2) || byte === 9 || byte === LF || byte === CR),
);

export interface PlainChunk {
  readonly bytes: Uint8Array;
  readonly isPlain: boolean;
  readonly lineFeeds: number;
}

/** One look at each byte, when it arrives. */
export function lookAt(bytes: Uint8Array): PlainChunk {
  let lineFeeds = 0;
  let isPlain = true;
  for (let at = 0; at < bytes.length && isPlain; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === LF) lineFeeds += 1;
    else if (plainBytes[byte] !== 1) {
      const next = bytes[at + 1];
      isPlain = byte === 0xc2 && next !== undefined && next >= 0xa0;
    }
  }
  return { bytes, isPlain, lineFeeds };
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
    const { bytes = new Uint8Array(), lineFeeds = 0 } = chunks[chunk] ?? {};
    lines += lineFeeds;
    // The lines before the cut in this chunk do not count.
    let kept = lines;
    for (let at = bytes.indexOf(LF); at >= 0 && kept > keepLines; at = bytes.indexOf(LF, at + 1)) {
      kept -= 1;
      if (kept >= keepLines && at > 0 && bytes[at - 1] === CR) return { chunk, at: at + 1 };
    }
  }
  return null;
}
