/** The value axis of a chart: a top that does not jump with every sample, and ticks people can read. */
import type { Unit } from "./units.ts";
import { binaryPower } from "./units.ts";

export interface AxisScale {
  readonly max: number;
  /** Distance of two ticks. */
  readonly step: number;
}

/** An idle disk must not look busy because its 3 bytes fill the chart: the least top of an axis, per unit. */
const leastTop: Record<Exclude<Unit, "percent">, number> = { bytes: 1024, bytesPerS: 1024, plain: 1 };

const WANTED_TICKS = 4;
const niceSteps = [1, 2, 2.5, 5, 10] as const;
/** In binary units a tick is a power of two of its unit, or 1024 of the smaller: 256 KiB, not 250 KiB. */
const binarySteps = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

function decimalStep(rough: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = niceSteps.find((nice) => nice * magnitude >= rough) ?? 10;
  return step * magnitude;
}

function binaryStep(rough: number): number {
  const unit = 1024 ** binaryPower(rough);
  const step = binarySteps.find((nice) => nice * unit >= rough) ?? 1024;
  return step * unit;
}

/** The axis for values up to `highest`; `ceiling` is a known whole (the memory of the machine). */
export function planScale(unit: Unit, highest: number, ceiling?: number): AxisScale {
  if (unit === "percent") return { max: 100, step: 25 };
  const top = Math.max(ceiling ?? highest, leastTop[unit]);
  const stepOf = unit === "plain" ? decimalStep : binaryStep;
  const step = stepOf(top / WANTED_TICKS);
  // A known whole is the edge of the chart; else the next tick above the highest value.
  return { max: ceiling === undefined ? Math.ceil(top / step) * step : top, step };
}
