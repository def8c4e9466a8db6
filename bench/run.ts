/** `npm run bench`: every part of this folder in turn, each as ratios taken in one run, and whether they reach their goals. */
import { benchCommands } from "./commands.ts";
import { benchFanout } from "./fanout.ts";
import { benchSampler } from "./sampler.ts";

interface Line {
  readonly what: string;
  readonly ours: string;
  readonly floor: string;
  readonly ratio: number;
  /** `min`: the ratio must reach the goal; `max`: it must stay below; absent: no goal is set. */
  readonly goal?: { readonly kind: "min" | "max"; readonly value: number };
}

const parts: readonly (() => Promise<Line> | Line)[] = [
  async () => {
    const { ours, bare, ratio } = await benchFanout();
    const perSecond = (value: number) => `${Math.round(value / 1_000)} k frames per CPU s`;
    return {
      what: "fan-out in bursts, against bare Bun.serve publish",
      ours: perSecond(ours),
      floor: perSecond(bare),
      ratio,
      goal: { kind: "min", value: 0.8 },
    };
  },
  async () => {
    const { oursUs, bareUs, ratio } = await benchCommands();
    return {
      what: "command and reply, against a bare Bun socket echo",
      ours: `${oursUs.toFixed(1)} us CPU`,
      floor: `${bareUs.toFixed(1)} us CPU`,
      ratio,
      goal: { kind: "max", value: 1.5 },
    };
  },
  () => {
    const { oursUs, bareUs, ratio } = benchSampler();
    return {
      what: "host sample, against a bare read and split of the same files",
      ours: `${oursUs.toFixed(0)} us CPU`,
      floor: `${bareUs.toFixed(0)} us CPU`,
      ratio,
    };
  },
];

function verdict({ ratio, goal }: Line): string {
  if (!goal) return "";
  const isReached = goal.kind === "min" ? ratio >= goal.value : ratio <= goal.value;
  return `${isReached ? "reached" : "MISSED"} (goal ${goal.kind === "min" ? ">=" : "<="} ${goal.value})`;
}

console.log("| What | Ours | Floor | Ratio | Goal |\n| --- | --- | --- | --- | --- |");
for (const part of parts) {
  const line = await part();
  console.log(
    `| ${line.what} | ${line.ours} | ${line.floor} | ${line.ratio.toFixed(2)} | ${verdict(line)} |`,
  );
}
process.exit(0);
