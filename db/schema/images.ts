/** The image catalogue. Whether a box is present is the driver's word and not kept here. */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ImageSource, ImageView, JobId } from "#protocol";

export const images = sqliteTable("images", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  description: text("description").notNull(),
  family: text("family").$type<ImageView["family"]>().notNull(),
  source: text("source").$type<ImageSource>().notNull(),
  box: text("box").notNull(),
  sshUser: text("ssh_user").notNull(),
  minRamMb: integer("min_ram_mb").notNull(),
  minDiskGb: integer("min_disk_gb").notNull(),
  hidden: integer("hidden", { mode: "boolean" }).notNull().default(false),
  activeJobId: integer("active_job_id").$type<JobId>(),
  createdAtMs: integer("created_at_ms").notNull(),
});
