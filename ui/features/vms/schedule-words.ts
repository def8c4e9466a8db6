/** A schedule as a sentence, and the one a form begins with; pure. */
import type { VmSchedule } from "#protocol";

export const weekDays = [
  { value: 1, label: "Mon", name: "Monday" },
  { value: 2, label: "Tue", name: "Tuesday" },
  { value: 3, label: "Wed", name: "Wednesday" },
  { value: 4, label: "Thu", name: "Thursday" },
  { value: 5, label: "Fri", name: "Friday" },
  { value: 6, label: "Sat", name: "Saturday" },
  { value: 7, label: "Sun", name: "Sunday" },
] as const;

/** In the evening of working days, by the clock of the person who looks. */
export function firstSchedule(timeZone: string): VmSchedule {
  return { stopAt: "18:00", startAt: null, days: [1, 2, 3, 4, 5], timeZone };
}

export function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export function daysWords(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  if (sorted.length === 7) return "every day";
  if (sorted.join() === "1,2,3,4,5") return "on weekdays";
  if (sorted.join() === "6,7") return "at weekends";
  const names = sorted.map((day) => weekDays.find(({ value }) => value === day)?.label ?? "");
  return `on ${names.join(", ")}`;
}

/** "Stops at 18:00 and starts at 08:00 on weekdays, time of Europe/Berlin". */
export function scheduleWords({ stopAt, startAt, days, timeZone }: VmSchedule): string {
  const deeds = [stopAt && `stops at ${stopAt}`, startAt && `starts at ${startAt}`].filter(Boolean);
  const text = `${deeds.join(" and ")} ${daysWords(days)}, time of ${timeZone}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is still wrong with it; empty when it may be sent. */
export function scheduleError({ stopAt, startAt, days }: VmSchedule): string {
  if (stopAt === null && startAt === null) return "choose a time to stop or to start";
  if (days.length === 0) return "choose at least one day";
  if (stopAt !== null && stopAt === startAt) return "the times to stop and to start must differ";
  return "";
}

export function withDay(days: readonly number[], day: number, isOn: boolean): number[] {
  const others = days.filter((other) => other !== day);
  return (isOn ? [...others, day] : others).sort((a, b) => a - b);
}
