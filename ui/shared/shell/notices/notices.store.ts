/** Notices of this tab; they outlive a reload, and end with the session. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import type { EventView, JobView, UserView } from "#protocol";
import type { EventNotice, Notice, Sight } from "./notice-list.ts";
import {
  allRead,
  isInSight,
  missedEvents,
  newestId,
  noticeOf,
  noticeOfEvent,
  seenOf,
  withNotice,
  withRead,
} from "./notice-list.ts";
import { readNotices, readSeen, writeNotices, writeSeen } from "./notice-memory.ts";

type Owner = Pick<UserView, "id" | "username">;

export const useNoticesStore = defineStore("notices", () => {
  const notices = shallowRef<readonly Notice[]>([]);
  let owner: Owner | null = null;
  let lastSeenId = 0;

  function set(next: readonly Notice[]): void {
    notices.value = next;
    if (owner !== null) writeNotices(owner.id, next);
  }

  /** The warnings among them that are news here, oldest first. */
  function takeEvents(events: readonly EventView[], nowMs: number): readonly EventNotice[] {
    if (owner === null) return [];
    const { id, username } = owner;
    const fresh = missedEvents(events, lastSeenId, nowMs)
      .map((event) => noticeOfEvent(event, username))
      .filter((notice) => notice !== null);
    lastSeenId = newestId(events, lastSeenId);
    writeSeen(id, lastSeenId);
    for (const notice of fresh) set(withNotice(notices.value, notice));
    return fresh;
  }

  return {
    notices: computed(() => notices.value),
    unreadCount: computed(() => notices.value.filter(({ isRead }) => !isRead).length),
    begin(user: Owner): void {
      owner = user;
      notices.value = readNotices(user.id);
      lastSeenId = readSeen(user.id);
    },
    take(job: JobView, sight: Sight): void {
      const notice = noticeOf(job);
      if (notice && !isInSight(job, sight)) set(withNotice(notices.value, notice));
    },
    /** The newest events, whatever was seen before. */
    takeSnapshot(events: readonly EventView[], nowMs: number): void {
      lastSeenId = seenOf(events, lastSeenId);
      takeEvents(events, nowMs);
    },
    takeEvents,
    markRead: (key: string) => set(withRead(notices.value, key)),
    markAllRead: () => set(allRead(notices.value)),
    clear: () => set([]),
    forget(): void {
      owner = null;
      notices.value = [];
    },
  };
});
