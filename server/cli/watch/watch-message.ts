/** What `watch` hears, in one shape; with `--json` exactly this is a line. */
import type { Client } from "#client";
import type { EventOf, SnapshotOf, TopicName } from "#protocol";

interface Snapshot<T extends TopicName> {
  readonly topic: T;
  readonly kind: "snapshot";
  readonly seq: number;
  readonly data: SnapshotOf<T>;
}

interface Event<T extends TopicName> {
  readonly topic: T;
  readonly kind: "event";
  readonly data: EventOf<T>;
}

type Of<T extends TopicName> = Snapshot<T> | Event<T>;

export type WatchMessage = Of<"vm.state"> | Of<"job.state"> | Of<"metrics.host"> | Of<"metrics.vms">;

/** Subscribes to everything worth watching; returns the way to stop. */
export function watchAll(client: Client, show: (message: WatchMessage) => void): () => void {
  const stops = [
    client.subscribe("vm.state", {
      onSnapshot: (data, seq) => show({ topic: "vm.state", kind: "snapshot", seq, data }),
      onEvent: (data) => show({ topic: "vm.state", kind: "event", data }),
    }),
    client.subscribe("job.state", {
      onSnapshot: (data, seq) => show({ topic: "job.state", kind: "snapshot", seq, data }),
      onEvent: (data) => show({ topic: "job.state", kind: "event", data }),
    }),
    client.subscribe("metrics.host", {
      onSnapshot: (data, seq) => show({ topic: "metrics.host", kind: "snapshot", seq, data }),
      onEvent: (data) => show({ topic: "metrics.host", kind: "event", data }),
    }),
    client.subscribe("metrics.vms", {
      onSnapshot: (data, seq) => show({ topic: "metrics.vms", kind: "snapshot", seq, data }),
      onEvent: (data) => show({ topic: "metrics.vms", kind: "event", data }),
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
