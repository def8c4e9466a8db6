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

/** One frame as it goes on the wire. */
export function encodeTerminalFrame(frame: TerminalFrame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BINARY_HEADER_BYTES + frame.payload.length);
  bytes[0] = BINARY_VERSION;
  bytes[1] = binaryKinds[frame.kind];
  new DataView(bytes.buffer).setUint32(4, frame.terminalId);
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
