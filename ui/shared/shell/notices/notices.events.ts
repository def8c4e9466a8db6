/** Feeds the notices from the `event.feed` topic: what is a warning is told, at once and in the bell. */
import { toast } from "vue-sonner";
import type { Client } from "#client";
import type { useNoticesStore } from "./notices.store.ts";

export function subscribeWarnings(client: Client, store: ReturnType<typeof useNoticesStore>): () => void {
  return client.subscribe("event.feed", {
    // What was missed waits in the bell: nobody wants to be greeted by old news.
    onSnapshot: ({ events }) => store.takeSnapshot(events, Date.now()),
    onEvent({ events }) {
      for (const { severity, message } of store.takeEvents(events, Date.now()))
        toast[severity === "critical" ? "error" : "warning"](message);
    },
  });
}
