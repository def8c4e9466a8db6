/** The capacity of the host: what VMs may have, what is promised, what is used. */
import { describe, expect, test } from "bun:test";
import type { Statistics } from "#protocol";
import { capacityRows, promisedWords } from "../../../ui/features/admin/overview/capacity-rows.ts";

type Host = NonNullable<Statistics["host"]>;

const host: Host = {
  memoryTotalMb: 16_384,
  memoryReservedMb: 2_048,
  memoryAllocatedMb: 3_584,
  memoryFreeMb: 10_752,
  cpuCores: 4,
  cpuAllocated: 6,
  diskTotalGb: 100,
  diskFreeGb: 60,
  diskAllocatedGb: 40,
};
const statistics = (over: Partial<Host> | null): Statistics => ({
  host: over === null ? null : { ...host, ...over },
  users: { total: 1, active: 1, admins: 1, online: 1 },
  vms: { total: 0, byState: {} },
  allocated: { cpuCores: 0, ramMb: 0, diskGb: 0 },
  used: { cpuPercent: 12.4, memoryBytes: 1024 ** 3, diskBytes: 2 * 1024 ** 3 },
  credits: { issued: 0, burnt: 0, outstanding: 0, burnPerHour: 0 },
  jobs: { active: 0, failedToday: 0 },
});
const row = (over: Partial<Host>, label: string) =>
  capacityRows(statistics(over)).find((found) => found.label === label);

describe("the rows of the capacity", () => {
  test("are none where VMs take nothing from the host", () => {
    expect(capacityRows(statistics(null))).toEqual([]);
  });

  test("leave out what is kept for the host", () => {
    expect(row({}, "Memory")?.percent).toBe(25);
    expect(row({}, "Memory")?.words).toContain("3.5 GiB of 14 GiB");
  });

  test.each([
    [3_584, "info"],
    [13_000, "warning"],
    [15_000, "danger"],
  ] as const)("show %p MB given away as %s", (memoryAllocatedMb, tone) => {
    expect(row({ memoryAllocatedMb }, "Memory")?.tone).toBe(tone);
  });

  test("take more virtual cores than real ones as usual, up to four times", () => {
    expect(row({ cpuAllocated: 16 }, "Cores")?.tone).toBe("info");
    expect(row({ cpuAllocated: 17 }, "Cores")?.tone).toBe("warning");
    expect(row({}, "Cores")?.words).toBe("6 virtual on 4 real cores");
  });

  test("count the disk by what is in use", () => {
    expect(row({}, "Disk")?.percent).toBe(40);
    expect(row({ diskFreeGb: 5 }, "Disk")?.tone).toBe("warning");
  });

  test("do not divide by a disk that is not there", () => {
    expect(row({ diskTotalGb: 0, diskFreeGb: 0 }, "Disk")?.percent).toBe(0);
  });
});

test("what is promised is told without a host as well", () => {
  expect(promisedWords(statistics(null))).toBe("Nothing is promised yet.");
  const allocated = { cpuCores: 3, ramMb: 1_536, diskGb: 30 };
  expect(promisedWords({ allocated })).toBe(
    "Promised to all VMs: 3 cores, 1.5 GiB of memory, 30 GB of disk.",
  );
});
