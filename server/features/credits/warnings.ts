/** The words of the three warnings. */
import type { NewEvent } from "../../core/event-log.ts";
import type { UserId } from "#protocol";
import { creditWords, dayWords, minuteWords } from "./credit-words.ts";
import { keptUntilOf, type Standing } from "./credit-view.ts";
import type { CreditLevel } from "./level-rules.ts";

export function warningOf(
  level: Exclude<CreditLevel, "ok">,
  { meters, funds }: Standing,
  userId: UserId,
  nowMs: number,
): NewEvent {
  const base = { type: "system", name: `credits.${level}`, ownerId: userId } as const;
  const left = creditWords(funds.total);
  switch (level) {
    case "low":
      return {
        ...base,
        severity: "warning",
        message: `${left} left of ${creditWords(funds.grantBalance)}: 20 % or less`,
      };
    case "critical": {
      const burn = creditWords(meters.reduce((sum, { price }) => sum + price, 0));
      const time = minuteWords(funds.emptiesInMs ?? 0);
      return { ...base, severity: "warning", message: `${left} left: ${time} at ${burn} an hour` };
    }
    case "empty":
      return {
        ...base,
        severity: "critical",
        message: `The credits are used up: running VMs are stopped, and all are kept until ${dayWords(keptUntilOf(nowMs) ?? nowMs)} at least`,
      };
    default:
      return level satisfies never;
  }
}
