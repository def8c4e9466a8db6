/** Stops and resumes the output of a tty in the kernel: the program blocks in `write`, nothing piles up anywhere. */
import { readlinkSync } from "node:fs";
import { dlopen, FFIType } from "bun:ffi";

/** asm-generic values of Linux (x86-64, arm64): `tcflow` and its two actions for output. */
const TCXONC = 0x540a;
const TCOOFF = 0;
const TCOON = 1;
/** O_RDWR | O_NOCTTY | O_CLOEXEC: never make it our controlling terminal, never leak it to a child. */
const OPEN_FLAGS = 0o2 | 0o400 | 0o2000000;

const SYMBOLS = {
  open: { args: [FFIType.cstring, FFIType.i32], returns: FFIType.i32 },
  ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
  close: { args: [FFIType.i32], returns: FFIType.i32 },
} as const;

function loadLibc() {
  try {
    return dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return null;
  }
}

const libc = process.platform === "linux" ? loadLibc() : null;

/** The tty a fresh child runs on, or null when it cannot be told any more (it may have ended already). */
export function ttyPathOf(pid: number): string | null {
  try {
    const path = readlinkSync(`/proc/${pid}/fd/0`);
    return /^\/dev\/pts\/\d+$/.test(path) ? path : null;
  } catch {
    return null;
  }
}

export interface TtyFlow {
  /** False when the kernel refused. */
  set(flow: "stop" | "go"): boolean;
  /** Must be called when the first process has ended: while we hold the tty, its end is hidden from us. */
  close(): void;
}

/**
 * `tcflow` on the tty's slave side. Unlike a typed Ctrl-S it works in raw mode too, and a typed Ctrl-Q does not undo it.
 * The slave stays open, because a flood switches hundreds of times a second. Null where the kernel has no such switch.
 */
export function openTtyFlow(ttyPath: string): TtyFlow | null {
  if (!libc) return null;
  const { open, ioctl, close } = libc;
  let fd = open(Buffer.from(`${ttyPath}\0`), OPEN_FLAGS);
  if (fd < 0) return null;
  return {
    set: (flow) => fd >= 0 && ioctl(fd, TCXONC, flow === "stop" ? TCOOFF : TCOON) === 0,
    close() {
      if (fd >= 0) close(fd);
      fd = -1;
    },
  };
}
