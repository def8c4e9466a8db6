/** Quotas of users, and what the host can hold. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type CommandOutput,
  commands,
  defaultQuota,
  type EventOf,
  type QuotaLimits,
  type Role,
  type UserId,
  userId,
  vmId,
  type VmSize,
  type VmState,
} from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { snapshots, users, vms } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import { createLog } from "../../../server/core/log.ts";
import { checkDisk, checkMemory, reservedMemoryMb } from "../../../server/features/quotas/host-rules.ts";
import {
  createHostProbe,
  createQuotaFeature,
  type HostProbe,
} from "../../../server/features/quotas/index.ts";
import { defaultSettings } from "../../../server/features/settings/setting-store.ts";
import { refusal } from "../credits/test-ledger.ts";

const GB = 1_073_741_824;
const small: VmSize = { ramMb: 512, cpuCores: 1, diskGb: 10 };

let db: Db;
let heard: EventOf<"quota.state">["quota"][];
let defaults: QuotaLimits;
beforeEach(() => {
  db = openDb(":memory:");
  heard = [];
  defaults = defaultQuota;
});
afterEach(() => db.close());

function open(host: HostProbe | null = null) {
  const bus = createBus();
  bus.on("quota.state", ({ data }) => heard.push(data.quota));
  const settings = { get: () => ({ ...defaultSettings, quota: defaults }) };
  return createQuotaFeature({ db, bus, settings, host });
}

function user(username: string, role: Role = "user"): Session {
  const row = db.orm.insert(users).values({ username, role, passwordHash: "-", createdAtMs: 0 });
  const { id } = row.returning({ id: users.id }).get();
  const expiresAtMs = Number.MAX_SAFE_INTEGER;
  const base = { kind: "login", scope: "write", mustChangePassword: false } as const;
  return { ...base, sessionId: username, userId: id, username, role, expiresAtMs };
}

let names = 0;
function insert(ownerId: UserId, size: VmSize = small, state: VmState = "running") {
  const name = `vm-${(names += 1)}`;
  const row = { ...size, ownerId, name, image: "lab", driver: "simulated", state, createdAtMs: 0 } as const;
  return db.orm.insert(vms).values(row).returning({ id: vms.id }).get().id;
}

type Quotas = ReturnType<typeof open>;

/** As the VM feature does it: asked and written in one transaction. */
function make(quotas: Quotas, ownerId: UserId, size: VmSize = small) {
  return db.tx(() => {
    quotas.admission.admit({ ownerId, size, replaces: null });
    return insert(ownerId, size, "pending");
  });
}

async function get(quotas: Quotas, session: Session, input: { userId?: UserId }) {
  const [command] = quotas.commands;
  const caller = { session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
  const output = await command?.run(commands["quota.get"].input.parse(input), caller);
  return commands["quota.get"].output.parse(output) satisfies CommandOutput<"quota.get">;
}

function hostOf(memoryTotalMb: number, freeGb = 1_000, totalGb = 1_000): HostProbe {
  const disk = { totalBytes: totalGb * GB, freeBytes: freeGb * GB };
  return { memoryTotalMb, cpuCores: 4, disk: () => disk };
}

describe("a quota", () => {
  test("counts VMs that are not destroyed, and their snapshots", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    const first = insert(ada);
    insert(ada, { ramMb: 1_024, cpuCores: 2, diskGb: 20 }, "stopped");
    insert(ada, small, "failed");
    const gone = insert(ada);
    db.orm.insert(snapshots).values({ vmId: first, name: "one", state: "ready", createdAtMs: 0 }).run();
    db.sqlite.run(`update vms set destroyed_at_ms = 1 where id = ${gone}`);
    insert(user("bob").userId);
    expect(quotas.viewOf(ada)).toEqual({
      userId: ada,
      limits: defaultQuota,
      used: { vms: 3, cpuCores: 4, ramMb: 2_048, diskGb: 40, snapshots: 1 },
      own: [],
    });
  });

  test("refuses what goes over it, with every number at fault", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    for (let n = 0; n < 4; n += 1) make(quotas, ada, { ramMb: 2_048, cpuCores: 2, diskGb: 20 });
    expect(() => make(quotas, ada)).toThrow(
      "It would exceed the quota: cores 9 of 8, memory 8,704 of 8,192 MB",
    );
    expect(quotas.viewOf(ada).used.vms).toBe(4);
  });

  test("is met exactly", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    for (let n = 0; n < 5; n += 1) make(quotas, ada);
    expect(() => make(quotas, ada)).toThrow("VMs 6 of 5");
  });

  test("of one user is its own over the defaults, and null goes back", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    quotas.set(ada, { vms: 1, ramMb: 0 });
    expect(quotas.viewOf(ada)).toMatchObject({
      limits: { vms: 1, ramMb: 0, cpuCores: 8 },
      own: ["vms", "ramMb"],
    });
    quotas.set(ada, { ramMb: null });
    defaults = { ...defaultQuota, ramMb: 777 };
    expect(quotas.viewOf(ada)).toMatchObject({ limits: { vms: 1, ramMb: 777 }, own: ["vms"] });
    expect(() => quotas.set(userId.parse(99), { vms: 1 })).toThrow("No such user");
  });

  test("that was lowered below the use still lets a VM become smaller, and no larger", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    const vm = insert(ada, { ramMb: 4_096, cpuCores: 4, diskGb: 20 }, "stopped");
    quotas.set(ada, { ramMb: 1_024, cpuCores: 1 });
    const resize = (size: VmSize) => () => quotas.admission.admit({ ownerId: ada, size, replaces: vm });
    expect(resize({ ramMb: 2_048, cpuCores: 2, diskGb: 20 })).not.toThrow();
    expect(resize({ ramMb: 4_352, cpuCores: 4, diskGb: 20 })).toThrow("memory 4,352 of 1,024 MB");
    expect(resize({ ramMb: 4_096, cpuCores: 4, diskGb: 100 })).not.toThrow();
    expect(resize({ ramMb: 4_096, cpuCores: 4, diskGb: 101 })).toThrow("disk 101 of 100 GB");
  });

  test("limits snapshots", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    const vm = insert(ada);
    quotas.set(ada, { snapshots: 1 });
    quotas.admission.admitSnapshot(ada);
    db.orm.insert(snapshots).values({ vmId: vm, name: "one", state: "creating", createdAtMs: 0 }).run();
    expect(() => quotas.admission.admitSnapshot(ada)).toThrow("snapshots 2 of 1");
  });

  test("counts the snapshots of a VM that is handed over", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    const { userId: bob } = user("bob");
    const vm = insert(ada);
    for (const name of ["one", "two"])
      db.orm.insert(snapshots).values({ vmId: vm, name, state: "ready", createdAtMs: 0 }).run();
    const handOver = () => quotas.admission.admit({ ownerId: bob, size: small, replaces: vm });
    expect(handOver).not.toThrow();
    quotas.set(bob, { snapshots: 1 });
    expect(handOver).toThrow("snapshots 2 of 1");
  });

  test("is told to its owner when limits or use change", () => {
    const quotas = open();
    const { userId: ada } = user("ada");
    quotas.set(ada, { vms: 2 });
    make(quotas, ada);
    quotas.admission.changed(ada);
    quotas.defaultsChanged();
    expect(heard.map(({ limits, used }) => [limits.vms, used.vms])).toEqual([
      [2, 0],
      [2, 1],
      [2, 1],
    ]);
  });

  test("is never exceeded, whatever is asked for in whatever order", () => {
    const size = fc.record({
      ramMb: fc.integer({ min: 2, max: 16 }).map((steps) => steps * 256),
      cpuCores: fc.integer({ min: 1, max: 4 }),
      diskGb: fc.integer({ min: 10, max: 50 }),
    });
    const limits = fc.record({
      vms: fc.nat(6),
      cpuCores: fc.nat(12),
      ramMb: fc.nat(12_000),
      diskGb: fc.nat(200),
      snapshots: fc.nat(3),
    });
    const quotas = open(hostOf(16_384, 200, 120));
    fc.assert(
      fc.property(limits, fc.array(size, { maxLength: 20 }), (own, sizes) => {
        db.sqlite.run("delete from vms");
        const { userId: ada } = user(`user-${(names += 1)}`);
        quotas.set(ada, own);
        for (const wanted of sizes) {
          const before = quotas.viewOf(ada).used;
          try {
            make(quotas, ada, wanted);
          } catch (error) {
            expect(String(error)).toMatch(/exceed the quota|The host/);
            expect(quotas.viewOf(ada).used).toEqual(before);
          }
          const { used } = quotas.viewOf(ada);
          for (const name of ["vms", "cpuCores", "ramMb", "diskGb"] as const)
            expect(used[name]).toBeLessThanOrEqual(own[name]);
          expect(quotas.capacity()?.diskAllocatedGb).toBeLessThanOrEqual(240);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("the host", () => {
  test("keeps a tenth of its memory, between half a gigabyte and four", () => {
    expect([2_048, 8_192, 24_576, 131_072].map(reservedMemoryMb)).toEqual([512, 819, 2_458, 4_096]);
  });

  test("refuses a VM its memory cannot hold, with the numbers, and counts only VMs that run or start", () => {
    const quotas = open(hostOf(4_096));
    const { userId: ada } = user("ada");
    for (const state of ["stopped", "failed"] as const) insert(ada, { ...small, ramMb: 4_096 }, state);
    quotas.set(ada, { vms: 100, ramMb: 100_000 });
    make(quotas, ada, { ...small, ramMb: 3_072 });
    expect(() => make(quotas, ada)).not.toThrow();
    expect(() => make(quotas, ada)).toThrow(
      "The host has 0 MB of memory left for VMs and 512 MB are asked for (of 4,096 MB, 512 MB are kept for the host)",
    );
  });

  test("refuses the start of a VM that no longer fits, and not of one that counts already", () => {
    const quotas = open(hostOf(4_096));
    const { userId: ada } = user("ada");
    const off = insert(ada, { ...small, ramMb: 2_048 }, "stopped");
    const on = insert(ada, { ...small, ramMb: 2_048 });
    const start = (id: number, state: VmState) => () =>
      quotas.admission.admitStart({
        ...small,
        ramMb: 2_048,
        vmId: vmId.parse(id),
        ownerId: ada,
        name: "vm",
        state,
      });
    expect(start(off, "stopped")).toThrow("1,536 MB of memory left");
    expect(start(on, "running")).not.toThrow();
  });

  test("promises twice its disk and no more, and needs a fifth of a new one at once", () => {
    const use = { memoryMb: 0, cpuCores: 0, diskGb: 150 };
    const disk = { totalBytes: 100 * GB, freeBytes: 15 * GB };
    const facts = { memoryTotalMb: 8_192, cpuCores: 4, disk, use };
    expect(() => checkDisk(facts, 50, 50)).not.toThrow();
    expect(() => checkDisk(facts, 51, 51)).toThrow(
      "may promise 200 GB to VMs; with this one it would be 201 GB",
    );
    const full = { ...facts, disk: { ...disk, freeBytes: 14.9 * GB } };
    expect(() => checkDisk(full, 50, 50)).toThrow("has 9.9 GB of disk left for VMs and this one needs 10 GB");
    expect(() => checkDisk(full, 50, 0)).not.toThrow();
    expect(() => checkDisk({ ...full, disk: null }, 50, 50)).not.toThrow();
    expect(() => checkMemory(facts, 8_192)).toThrow("7,373 MB");
  });

  test("is read from the machine", () => {
    const probe = createHostProbe(["/", "/no/such/folder"], createLog("silent"));
    expect(probe.memoryTotalMb).toBeGreaterThan(256);
    expect(probe.disk()?.totalBytes).toBeGreaterThan(0);
    const capacity = open(probe).capacity();
    expect(capacity?.memoryFreeMb).toBe(probe.memoryTotalMb - reservedMemoryMb(probe.memoryTotalMb));
    expect(createHostProbe(["/no/such/folder"], createLog("silent")).disk()).toBeNull();
  });
});

describe("quota.get", () => {
  test("is one's own, anybody's for an administrator, and forbidden the same way for all others", async () => {
    const quotas = open(hostOf(4_096));
    const ada = user("ada");
    const root = user("root", "admin");
    expect(await get(quotas, ada, {})).toMatchObject({
      quota: { userId: ada.userId },
      host: { memoryTotalMb: 4_096, memoryReservedMb: 512, cpuCores: 4, diskFreeGb: 1_000 },
    });
    expect((await get(quotas, root, { userId: ada.userId })).quota.userId).toBe(ada.userId);
    const absent = userId.parse(99);
    expect(await refusal(get(quotas, root, { userId: absent }))).toMatchObject({ code: "not_found" });
    const answers = await Promise.all(
      [root.userId, absent].map((id) => refusal(get(quotas, ada, { userId: id }))),
    );
    expect(answers[0]).toMatchObject({ code: "forbidden" });
    expect(answers[1]).toEqual(answers[0]);
  });
});
