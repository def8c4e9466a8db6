/** The SSH log parser: lines to records, attempts counted once. Pure; used by the live SOC and by `twarga soc parse`. */
export { AttemptCounter, type CounterOptions } from "./attempt-counter.ts";
export { newRecord, type SshKind, sshKinds, type SshRecord } from "./record.ts";
export { SshLineParser } from "./ssh-log.ts";
export type { TimestampOptions } from "./timestamp.ts";
