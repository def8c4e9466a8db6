/** Keeps accounts on course: charges every minute, tells owners of changes and of what runs out, and catches the moment of zero. */
import type { UserId } from "#protocol";
import { type Disposable, DisposableStack } from "../../core/disposable.ts";
import { chargeAll, type Charging } from "./charging.ts";
import { creditsViewOf, standingOf } from "./credit-view.ts";
import type { CreditDeps } from "./deps.ts";
import { planWarning } from "./level-rules.ts";
import { warningOf } from "./warnings.ts";

const TICK_MS = 60_000;
/** Whoever empties before the tick after next gets a timer of their own. */
const WATCHED_MS = 2 * TICK_MS;
/** Several meters may each hold back a fraction of a milli-credit: the next look is never at once. */
const SHORTEST_MS = 1_000;

type CourseDeps = Pick<CreditDeps, "db" | "bus" | "log" | "events">;

export class CreditCourse implements Disposable {
  readonly #deps: CourseDeps;
  readonly #charging: Charging;
  readonly #owned = new DisposableStack();
  readonly #touched = new Set<UserId>();
  readonly #timers = new Map<UserId, Disposable>();
  #emptyListener: ((userId: UserId) => void) | null = null;
  #isOver = false;

  constructor(deps: CourseDeps, charging: Charging) {
    this.#deps = deps;
    this.#charging = charging;
    this.#owned.use(charging.clock.every(TICK_MS, () => this.#guard(() => this.#tick())));
    for (const userId of new Set(charging.meters.open(null).map((meter) => meter.userId)))
      this.#watch(userId);
  }

  /** Called inside transactions of others: what is told waits until they have ended, one way or the other. */
  readonly touch = (userId: UserId): void => {
    if (this.#touched.size === 0) queueMicrotask(() => this.#guard(() => this.#flush()));
    this.#touched.add(userId);
  };

  /** Whose running VMs must stop; asked again every minute while some still run. */
  onEmpty(listener: (userId: UserId) => void): void {
    this.#emptyListener = listener;
  }

  async dispose(): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers.values()) await timer.dispose();
    await this.#owned.dispose();
    // What was used until now is written; from here on time is our downtime.
    this.#guard(() => this.#charge(null));
  }

  #charge(userId: UserId | null): ReadonlySet<UserId> {
    return this.#deps.db.tx(() => chargeAll(this.#charging, userId));
  }

  #tick(): void {
    for (const userId of this.#charge(null)) this.#assess(userId, false);
  }

  #flush(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    if (this.#isOver) return;
    for (const userId of touched) this.#assess(userId, true);
  }

  #assess(userId: UserId, isNews: boolean): void {
    const wasWarned = this.#warn(userId);
    if (isNews || wasWarned) {
      const credits = creditsViewOf(this.#charging, userId);
      this.#deps.bus.publish("credits.state", { kind: "owner", ownerId: userId }, { credits });
    }
    this.#stopIfEmpty(userId);
    this.#watch(userId);
  }

  #warn(userId: UserId): boolean {
    const { ledger, clock } = this.#charging;
    const standing = standingOf(this.#charging, userId);
    const { account, funds } = standing;
    const plan = planWarning(account.told, funds);
    const isEmpty = funds.total <= 0;
    const emptiedAtMs = isEmpty ? (account.emptiedAtMs ?? clock.now()) : null;
    if (plan.told !== account.told || emptiedAtMs !== account.emptiedAtMs)
      ledger.remember(userId, plan.told, emptiedAtMs);
    if (plan.tell === null || plan.tell === "ok") return false;
    this.#deps.events.record(warningOf(plan.tell, standing, userId, clock.now()));
    return true;
  }

  #stopIfEmpty(userId: UserId): void {
    const { funds, meters } = standingOf(this.#charging, userId);
    if (funds.total > 0 || !meters.some(({ usage }) => usage === "full")) return;
    this.#emptyListener?.(userId);
  }

  /** The moment of zero may lie between two ticks. */
  #watch(userId: UserId): void {
    void this.#timers.get(userId)?.dispose();
    this.#timers.delete(userId);
    const { funds } = standingOf(this.#charging, userId);
    if (this.#isOver || funds.total <= 0 || funds.emptiesInMs === null || funds.emptiesInMs > WATCHED_MS)
      return;
    const look = () =>
      this.#guard(() => {
        this.#charge(userId);
        this.#assess(userId, false);
      });
    const inMs = Math.max(SHORTEST_MS, funds.emptiesInMs);
    this.#timers.set(userId, this.#charging.clock.after(inMs, look));
  }

  /** Nobody awaits a timer: a failure is logged, and the next minute tries again. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.log.error({ err: error }, "accounting failed");
    }
  }
}
