/** Rows of VMs as they are read and written. */
import type { vms } from "../../../db/schema/index.ts";

/** With the name of whose it is. */
export type VmRow = typeof vms.$inferSelect & { readonly ownerName: string };
export type NewVmRow = Omit<typeof vms.$inferInsert, "id" | "state" | "activeJobId">;
export type VmChange = Partial<Omit<typeof vms.$inferInsert, "id">>;
