/** A hundred creates at once, through the VM feature, its jobs and the simulated driver: never one too many. */
import { afterEach, describe, expect, test } from "bun:test";
import { MILLI, type VmId } from "#protocol";
import { ledger } from "../../../db/schema/index.ts";
import type { Session } from "../../../server/core/caller.ts";
import { lab, openCloud, refusal, type TestCloud } from "../vms/test-cloud.ts";

const TRIES = 100;
/** One hour of the lab's machine. */
const PRICE = 2_100;

let cloud: TestCloud;
afterEach(() => cloud.close());

function rich(name: string, credits: number): Session {
  const session = cloud.user(name);
  const amount = credits * MILLI;
  cloud.credits.adjust({ userId: session.userId, amount, reason: "test", actor: null, key: `more:${name}` });
  return session;
}

/** All at once; gives what was accepted, and the codes of the refusals. */
async function createMany(sessions: readonly Session[]) {
  const asked = Array.from({ length: TRIES }, (_, n) => {
    const session = sessions[n % sessions.length];
    if (!session) throw new Error("Nobody asks");
    return cloud.call(session, "vm.create", { ...lab, name: `vm-${n}` });
  });
  const answers = await Promise.allSettled(asked);
  const accepted = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const refused = await Promise.all(
    answers.flatMap((answer) =>
      answer.status === "rejected" ? [refusal(Promise.reject(answer.reason))] : [],
    ),
  );
  return { accepted, codes: new Set(refused.map(({ code }) => code)), refused: refused.length };
}

const rowsOf = (kind: string) =>
  cloud.db.orm
    .select()
    .from(ledger)
    .all()
    .filter((entry) => entry.kind === kind);

async function allEnd(
  session: Session,
  made: readonly { readonly jobId: number; readonly vm: { readonly id: VmId } }[],
) {
  for (const { jobId } of made) await cloud.jobEnd(session, jobId);
}

describe("of a hundred creates at once", () => {
  test("the quota lets exactly as many through as it allows", async () => {
    cloud = openCloud();
    const ada = rich("ada", 10_000);
    const { accepted, codes, refused } = await createMany([ada]);
    expect(accepted).toHaveLength(5);
    expect([refused, ...codes]).toEqual([95, "quota_exceeded"]);
    expect(cloud.quotas.viewOf(ada.userId).used.vms).toBe(5);
    await allEnd(ada, accepted);
    expect(rowsOf("hold")).toHaveLength(5);
    expect(rowsOf("release")).toHaveLength(5);
    expect(cloud.credits.viewOf(ada.userId).held).toBe(0);
  }, 60_000);

  test("the balance lets exactly as many through as it pays for, to zero and never below", async () => {
    cloud = openCloud();
    const ada = cloud.user("ada");
    cloud.quotas.set(ada.userId, { vms: 1_000, cpuCores: 1_000, ramMb: 1_000_000, diskGb: 10_000 });
    const exactly = { amount: 6 * PRICE - 100_000, reason: "test", actor: null, key: "take" };
    cloud.credits.adjust({ userId: ada.userId, ...exactly });
    const { accepted, codes } = await createMany([ada]);
    expect(accepted).toHaveLength(6);
    expect([...codes]).toEqual(["insufficient_credits"]);
    expect(cloud.credits.balanceOf(ada.userId)).toBe(0);
    await allEnd(ada, accepted);
    expect(rowsOf("release")).toHaveLength(6);
    for (const { balanceAfter } of cloud.db.orm.select().from(ledger).all())
      expect(balanceAfter).toBeGreaterThanOrEqual(0);
  }, 60_000);

  test("the host's memory lets exactly as many through as it holds, whoever asks", async () => {
    // A tenth is kept: 3,686 MB are left, which are seven machines of 512 MB.
    cloud = openCloud({ host: { memoryTotalMb: 4_096, cpuCores: 4, disk: () => null } });
    const people = ["ada", "bob", "eve", "joe"].map((name) => rich(name, 1_000));
    const { accepted, codes } = await createMany(people);
    expect(accepted).toHaveLength(7);
    expect(codes.has("host_full")).toBe(true);
    expect(cloud.quotas.capacity()?.memoryAllocatedMb).toBe(7 * 512);
  }, 60_000);
});
