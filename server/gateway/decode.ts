/** The door of the socket: what comes in is one of our frames, or a named fault. */
import type { ClientFrame, TerminalFrame } from "#protocol";
import { clientFrame, decodeTerminalFrame } from "#protocol";
import { parseJson } from "./json.ts";

export type DecodedText =
  { readonly ok: true; readonly frame: ClientFrame } | { readonly ok: false; readonly message: string };

export function decodeText(text: string): DecodedText {
  const json = parseJson(text);
  if (!json.ok)
    return { ok: false, message: "The frame is not JSON, nests too deep or names a member twice" };
  const parsed = clientFrame.safeParse(json.value);
  if (parsed.success) return { ok: true, frame: parsed.data };
  // The value itself is never echoed: it may hold a password.
  const field = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
  return {
    ok: false,
    message: field === "" ? "The frame has no known shape" : `The frame's ${field} is wrong`,
  };
}

/** Only `input` travels towards the server. */
export function decodeBinary(bytes: Uint8Array): TerminalFrame | null {
  const frame = decodeTerminalFrame(bytes);
  return frame?.kind === "input" ? frame : null;
}
