/**
 * Binary terminal frames: an 8-byte header, then raw bytes. No base64, no JSON, so a flood costs no escaping.
 *
 * | byte | 0       | 1    | 2..3     | 4..7                   | 8..     |
 * | ---- | ------- | ---- | -------- | ---------------------- | ------- |
 * |      | version | kind | reserved | terminal id, big endian| payload |
 */
import type { TerminalId } from "./ids.ts";
import { terminalId } from "./ids.ts";

export const BINARY_VERSION = 1;
export const BINARY_HEADER_BYTES = 8;

/** `output` and `restore` go to the client; `input` comes from it. `restore` replaces the whole screen. */
export const binaryKinds = { output: 0, input: 1, restore: 2 } as const;
export type BinaryKind = keyof typeof binaryKinds;

export interface TerminalFrame {
  readonly kind: BinaryKind;
  readonly terminalId: TerminalId;
  readonly payload: Uint8Array;
}

/** One frame as it goes on the wire, in memory of its own. */
export function encodeTerminalFrame(frame: TerminalFrame): Uint8Array<ArrayBuffer> {
  return writeFrame(new Uint8Array(BINARY_HEADER_BYTES + frame.payload.length), frame);
}

/**
 * Encodes into one buffer again and again: the bytes are only valid until the next call. For who hands them on at once;
 * in a flood the fresh memory of every frame costs more than all other work on it.
 */
export function createFrameEncoder(): (frame: TerminalFrame) => Uint8Array<ArrayBuffer> {
  let buffer = new Uint8Array(0);
  return (frame) => {
    const size = BINARY_HEADER_BYTES + frame.payload.length;
    if (buffer.length < size) buffer = new Uint8Array(size);
    return writeFrame(buffer.subarray(0, size), frame);
  };
}

function writeFrame(bytes: Uint8Array<ArrayBuffer>, frame: TerminalFrame): Uint8Array<ArrayBuffer> {
  bytes[0] = BINARY_VERSION;
  bytes[1] = binaryKinds[frame.kind];
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, frame.terminalId);
  bytes.set(frame.payload, BINARY_HEADER_BYTES);
  return bytes;
}

/** The frame in `bytes`, or null when it is none of ours. The payload is a view, not a copy. */
export function decodeTerminalFrame(bytes: Uint8Array): TerminalFrame | null {
  if (bytes.length < BINARY_HEADER_BYTES || bytes[0] !== BINARY_VERSION) return null;
  const kind = (Object.keys(binaryKinds) as BinaryKind[]).find((name) => binaryKinds[name] === bytes[1]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const id = terminalId.safeParse(view.getUint32(4));
  if (!kind || !id.success) return null;
  return { kind, terminalId: id.data, payload: bytes.subarray(BINARY_HEADER_BYTES) };
}
