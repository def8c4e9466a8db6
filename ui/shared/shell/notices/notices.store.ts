/** Notices of this tab; they outlive a reload, and end with the session. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { z } from "zod";
import type { JobId, JobView } from "#protocol";
import { jobView } from "#protocol";
import type { Notice, Sight } from "./notice-list.ts";
import { allRead, isInSight, noticeOf, withNotice, withRead } from "./notice-list.ts";

const STORAGE_KEY = "twarga-notices";

const stored = z.object({
  userId: z.number(),
  notices: z.array(
    z.object({
      jobId: jobView.shape.id,
      kind: jobView.shape.kind,
      state: z.enum(["succeeded", "failed", "cancelled"]),
      vmId: jobView.shape.vmId,
      targetName: z.string(),
      message: z.string().nullable(),
      endedAtMs: z.number(),
      isRead: z.boolean(),
    }),
  ),
});

/** Nothing of what another person left in this tab. */
function read(userId: number): readonly Notice[] {
  try {
    const parsed = stored.safeParse(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null"));
    return parsed.success && parsed.data.userId === userId ? parsed.data.notices : [];
  } catch {
    return [];
  }
}

function write(userId: number, notices: readonly Notice[]): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ userId, notices }));
  } catch {
    // Storage is switched off or full: they last as long as the page.
  }
}

export const useNoticesStore = defineStore("notices", () => {
  const notices = shallowRef<readonly Notice[]>([]);
  let owner: number | null = null;

  function set(next: readonly Notice[]): void {
    notices.value = next;
    if (owner !== null) write(owner, next);
  }

  return {
    notices: computed(() => notices.value),
    unreadCount: computed(() => notices.value.filter(({ isRead }) => !isRead).length),
    begin(userId: number): void {
      owner = userId;
      notices.value = read(userId);
    },
    take(job: JobView, sight: Sight): void {
      const notice = noticeOf(job);
      if (notice && !isInSight(job, sight)) set(withNotice(notices.value, notice));
    },
    markRead: (jobId: JobId) => set(withRead(notices.value, jobId)),
    markAllRead: () => set(allRead(notices.value)),
    clear: () => set([]),
    forget(): void {
      owner = null;
      notices.value = [];
    },
  };
});
