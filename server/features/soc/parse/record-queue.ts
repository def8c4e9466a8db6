/** First in, first out, each step in constant time however long it is (a Set of which the first is removed is not). */
import type { SshRecord } from "./record.ts";

/** Below this, removed places are not worth a copy. */
const MIN_COMPACT = 1_024;

export class RecordQueue {
  #records: SshRecord[] = [];
  #start = 0;

  get length(): number {
    return this.#records.length - this.#start;
  }

  get first(): SshRecord | null {
    return this.#records[this.#start] ?? null;
  }

  push(record: SshRecord): void {
    this.#records.push(record);
  }

  /** Removes from the front as long as `isDone` says so. */
  dropWhile(isDone: (record: SshRecord) => boolean): void {
    for (let first = this.first; first !== null && isDone(first); first = this.first) this.#start += 1;
    if (this.#start < MIN_COMPACT || this.#start * 2 < this.#records.length) return;
    this.#records = this.#records.slice(this.#start);
    this.#start = 0;
  }

  /** The first of the oldest `limit` that fits. */
  find(limit: number, fits: (record: SshRecord) => boolean): SshRecord | null {
    const end = Math.min(this.#records.length, this.#start + limit);
    for (let at = this.#start; at < end; at += 1) {
      const record = this.#records[at];
      if (record !== undefined && fits(record)) return record;
    }
    return null;
  }
}
