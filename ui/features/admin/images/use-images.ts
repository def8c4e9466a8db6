/** `useImages()`: the whole catalogue, hidden images included, and the jobs that work on it, live. */
import { useDebounceFn } from "@vueuse/core";
import { onScopeDispose, shallowRef } from "vue";
import type { ImageView } from "#protocol";
import { useClient } from "../../../shared/session/index.ts";
import { applyJobEvent, applyJobSnapshot, emptyJobList } from "../../jobs/job-list.ts";
import { messageOf } from "../../../shared/format/message-of.ts";
import { jobOfImage } from "./image-words.ts";

/** Several changes in a row are one reading. */
const SETTLE_MS = 100;

export function useImages() {
  const client = useClient();
  /** Null until they are here. */
  const images = shallowRef<readonly ImageView[] | null>(null);
  const refusal = shallowRef("");
  const jobs = shallowRef(emptyJobList);

  async function read(): Promise<void> {
    try {
      images.value = (await client.request("image.list", {})).images;
      refusal.value = "";
    } catch (error) {
      refusal.value = messageOf(error);
    }
  }

  // The topic leaves hidden images out, so it tells only that something is new.
  const readSoon = useDebounceFn(read, SETTLE_MS, { maxWait: 1_000 });
  const ends = [
    client.subscribe("image.state", { onSnapshot: () => void read(), onEvent: () => void readSoon() }),
    client.subscribe("job.state", {
      key: "all",
      onSnapshot: (snapshot) => void (jobs.value = applyJobSnapshot(snapshot)),
      onEvent(event) {
        if (event.job.imageId === null) return;
        jobs.value = applyJobEvent(jobs.value, event);
        if (event.job.endedAtMs !== null) void readSoon();
      },
    }),
  ];
  onScopeDispose(() => ends.forEach((end) => end()));

  return {
    images,
    refusal,
    read,
    jobOf: (image: ImageView) => jobOfImage(image, jobs.value.jobs),
  };
}
