/** The steps a simulated machine goes through, their lengths, and how a run walks along them. */
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { DriverRun } from "../vm-driver.ts";

export interface Step {
  readonly text: string;
  /** Length at normal speed, in milliseconds. */
  readonly takesMs: number;
}

/** About the pace of a small real machine with KVM. */
export const steps = {
  create: [
    { text: "Checking the image", takesMs: 300 },
    { text: "Making the disk", takesMs: 700 },
    { text: "Defining the machine", takesMs: 300 },
    { text: "Booting", takesMs: 1_400 },
    { text: "Waiting for an address", takesMs: 600 },
    { text: "Waiting for the shell", takesMs: 500 },
  ],
  start: [
    { text: "Booting", takesMs: 1_400 },
    { text: "Waiting for an address", takesMs: 500 },
    { text: "Waiting for the shell", takesMs: 400 },
  ],
  stop: [
    { text: "Asking the machine to shut down", takesMs: 400 },
    { text: "Waiting until it is off", takesMs: 800 },
  ],
  resize: [{ text: "Changing memory, cores and disk", takesMs: 500 }],
  clone: [
    { text: "Copying the disk", takesMs: 900 },
    { text: "Defining the machine", takesMs: 300 },
    { text: "Booting", takesMs: 1_400 },
    { text: "Waiting for an address", takesMs: 600 },
    { text: "Waiting for the shell", takesMs: 500 },
  ],
  createSnapshot: [{ text: "Taking the snapshot", takesMs: 800 }],
  restoreSnapshot: [{ text: "Going back to the snapshot", takesMs: 700 }],
  deleteSnapshot: [{ text: "Deleting the snapshot", takesMs: 300 }],
  prepareImage: [{ text: "Preparing the image", takesMs: 800 }],
  destroy: [{ text: "Removing the machine and its disk", takesMs: 500 }],
} as const satisfies Record<string, readonly Step[]>;

export interface Pace {
  readonly clock: Clock;
  /** 1 is normal; tests go faster. */
  readonly speed: number;
}

function cancelled(signal: AbortSignal): AppError {
  return signal.reason instanceof AppError
    ? signal.reason
    : new AppError("cancelled", "The work was cancelled");
}

/** Rejects as soon as the signal is aborted. */
export function pass(ms: number, signal: AbortSignal, { clock, speed }: Pace): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled(signal));
      return;
    }
    const abort = () => {
      timer.dispose();
      reject(cancelled(signal));
    };
    const timer = clock.after(ms / speed, () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** Walks along the steps; `from` and `to` are the shares of the whole run they stand for. */
export async function walk(
  path: readonly Step[],
  run: DriverRun,
  pace: Pace,
  { from, to }: { from: number; to: number } = { from: 0, to: 1 },
): Promise<void> {
  const whole = path.reduce((sum, step) => sum + step.takesMs, 0);
  let passed = 0;
  for (const step of path) {
    run.step(step.text, from + (to - from) * (passed / whole));
    run.output("info", `==> simulated: ${step.text}...`);
    await pass(step.takesMs, run.signal, pace);
    passed += step.takesMs;
  }
}
