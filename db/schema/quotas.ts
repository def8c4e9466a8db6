/** Limits that an administrator set for one user; a null one is the default of the cloud. */
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import type { UserId } from "#protocol";

export const quotas = sqliteTable("quotas", {
  userId: integer("user_id").$type<UserId>().primaryKey(),
  vms: integer("vms"),
  cpuCores: integer("cpu_cores"),
  ramMb: integer("ram_mb"),
  diskGb: integer("disk_gb"),
  snapshots: integer("snapshots"),
});
