/** Expired sessions are forgotten after a month, and nothing that lives is. */
import { expect, test } from "bun:test";
import { openDb } from "../../../db/client.ts";
import { sessions, users } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import { DAY_MS } from "../../../server/core/daily.ts";
import { createLog } from "../../../server/core/log.ts";
import { createAuthFeature } from "../../../server/features/auth/index.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { createSurroundings, SECRET } from "./harness.ts";

test("sessions that expired over 30 days ago go at the start and every day", async () => {
  const db = openDb(":memory:");
  const clock = new ManualClock(100 * DAY_MS);
  const user = { username: "ada", passwordHash: "none", role: "user", createdAtMs: 1 } as const;
  const { id: userId } = db.orm.insert(users).values(user).returning({ id: users.id }).get();
  const expiries = { old: 69 * DAY_MS, recent: 70.5 * DAY_MS, live: 101 * DAY_MS };
  for (const [id, expiresAtMs] of Object.entries(expiries))
    db.orm
      .insert(sessions)
      .values({ id, userId, remoteAddress: "10.0.0.1", userAgent: "", createdAtMs: 1, expiresAtMs })
      .run();
  const left = () =>
    db.orm
      .select({ id: sessions.id })
      .from(sessions)
      .all()
      .map(({ id }) => id)
      .sort();

  const log = createLog("silent");
  const auth = createAuthFeature({
    ...{ db, bus: createBus(), clock, log, jwtSecret: SECRET },
    ...createSurroundings().options,
  });
  expect(left()).toEqual(["live", "recent"]);
  expect(auth.gate.current("live")).toMatchObject({ username: "ada" });
  clock.advance(DAY_MS);
  expect(left()).toEqual(["live"]);
  await auth.dispose();
  expect(clock.waiting).toBe(0);
});
