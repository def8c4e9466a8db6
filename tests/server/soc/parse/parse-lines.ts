/** Log lines to what the parser and the counter make of them. */
import {
  AttemptCounter,
  SshLineParser,
  type SshRecord,
} from "../../../../server/features/soc/parse/index.ts";

export function parseLines(lines: readonly string[], year = 2015, learnsFirst = false): SshRecord[] {
  const parser = new SshLineParser({ year, now: Date.UTC(2026, 0) });
  const records: SshRecord[] = [];
  const counter = new AttemptCounter({ order: "lines", onRecord: (record) => void records.push(record) });
  const parsed = lines.map((line) => parser.parse(line));
  if (learnsFirst) for (const record of parsed) counter.learn(record);
  for (const record of parsed) counter.push(record);
  counter.flush();
  return records;
}

/** One line on its own. */
export function parseLine(line: string, year = 2015): SshRecord {
  return new SshLineParser({ year, now: Date.UTC(2026, 0) }).parse(line);
}

/** One message of sshd, under an ordinary header. */
export const parseMessage = (message: string) => parseLine(`Dec 10 06:55:46 lab sshd[24200]: ${message}`);
