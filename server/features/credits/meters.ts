/** Rows of meters. An open one is read as of this moment: what it stored, and the time since by the monotonic clock. */
import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { priceOf, type UserId, usageOf, type VmId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { meters } from "../../../db/schema/index.ts";
import type { BilledVm } from "../../core/billing.ts";
import { later, remainderOf } from "./meter-rules.ts";

export type Meter = typeof meters.$inferSelect;

const isOpen = isNull(meters.endedAtMs);

export class Meters {
  readonly #orm: Db["orm"];
  readonly #statements: ReturnType<typeof prepare>;
  readonly #monotonicMs: () => number;

  constructor({ orm }: Db, monotonicMs: () => number) {
    this.#orm = orm;
    this.#statements = prepare(orm);
    this.#monotonicMs = () => Math.floor(monotonicMs());
  }

  /** The marks of another process mean nothing here: open meters go on from now, our own downtime is free. */
  resume(): void {
    this.#orm.update(meters).set({ markMs: this.#monotonicMs() }).where(isOpen).run();
  }

  /** Oldest first; null means everybody's. */
  open(userId: UserId | null): Meter[] {
    const { everybodys, ofUser } = this.#statements;
    const rows = userId === null ? everybodys.all() : ofUser.all({ userId });
    return rows.map((row) => this.#asOfNow(row));
  }

  openOf(vmId: VmId): Meter | undefined {
    const row = this.#statements.ofVm.get({ vmId });
    return row && this.#asOfNow(row);
  }

  /** Sum of what open meters cost an hour, by user. */
  burnByUser(): Map<UserId, number> {
    const rows = this.#orm
      .select({ userId: meters.userId, burn: sql<number>`sum(${meters.price})` })
      .from(meters)
      .where(isOpen)
      .groupBy(meters.userId)
      .all();
    return new Map(rows.map(({ userId, burn }) => [userId, burn]));
  }

  begin(vm: BilledVm, usage: Meter["usage"], nowMs: number): void {
    const before = this.#statements.newestOf.get({ vmId: vm.vmId });
    // A new owner does not begin with the fraction of the last one.
    const carry = before?.userId === vm.ownerId ? remainderOf(before) : 0;
    this.#orm
      .insert(meters)
      .values({
        userId: vm.ownerId,
        vmId: vm.vmId,
        vmName: vm.name,
        usage,
        price: priceOf(vm, vm.state),
        startedAtMs: nowMs,
        carry,
        markMs: this.#monotonicMs(),
      })
      .run();
  }

  save({ id, usedMs, markMs, charged, writtenOff }: Meter): void {
    this.#statements.save.run({ id, usedMs, markMs, charged, writtenOff });
  }

  end(id: Meter["id"], nowMs: number): void {
    this.#orm.update(meters).set({ endedAtMs: nowMs }).where(eq(meters.id, id)).run();
  }

  #asOfNow(row: Meter): Meter {
    const markMs = this.#monotonicMs();
    return { ...later(row, markMs - row.markMs), markMs };
  }
}

/** What a VM in this state is metered for. */
export function meteredUsage({ state }: Pick<BilledVm, "state">): Meter["usage"] | null {
  const usage = usageOf(state);
  return usage === "free" ? null : usage;
}

function prepare(orm: Db["orm"]) {
  const { placeholder } = sql;
  const from = () => orm.select().from(meters);
  return {
    everybodys: from().where(isOpen).orderBy(asc(meters.id)).prepare(),
    ofUser: from()
      .where(and(isOpen, eq(meters.userId, placeholder("userId"))))
      .orderBy(asc(meters.id))
      .prepare(),
    ofVm: from()
      .where(and(isOpen, eq(meters.vmId, placeholder("vmId"))))
      .prepare(),
    newestOf: from()
      .where(eq(meters.vmId, placeholder("vmId")))
      .orderBy(desc(meters.id))
      .limit(1)
      .prepare(),
    save: orm
      .update(meters)
      .set({
        usedMs: sql`${placeholder("usedMs")}`,
        markMs: sql`${placeholder("markMs")}`,
        charged: sql`${placeholder("charged")}`,
        writtenOff: sql`${placeholder("writtenOff")}`,
      })
      .where(eq(meters.id, placeholder("id")))
      .prepare(),
  };
}
