PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`owner_id` integer NOT NULL,
	`actor_id` integer,
	`actor_name` text,
	`vm_id` integer,
	`image_id` text,
	`vm_name` text NOT NULL,
	`request` text,
	`request_key` text,
	`step` text,
	`progress` real DEFAULT 0 NOT NULL,
	`error_code` text,
	`error_message` text,
	`error_detail` text,
	`created_at_ms` integer NOT NULL,
	`started_at_ms` integer,
	`ended_at_ms` integer
);
--> statement-breakpoint
INSERT INTO `__new_jobs`("id", "kind", "state", "owner_id", "actor_id", "actor_name", "vm_id", "image_id", "vm_name", "request", "request_key", "step", "progress", "error_code", "error_message", "error_detail", "created_at_ms", "started_at_ms", "ended_at_ms") SELECT "id", "kind", "state", "owner_id", "actor_id", "actor_name", "vm_id", "image_id", "vm_name", "request", "request_key", "step", "progress", "error_code", "error_message", "error_detail", "created_at_ms", "started_at_ms", "ended_at_ms" FROM `jobs`;--> statement-breakpoint
DROP TABLE `jobs`;--> statement-breakpoint
ALTER TABLE `__new_jobs` RENAME TO `jobs`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `jobs_owner` ON `jobs` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `jobs_vm` ON `jobs` (`vm_id`,`id`);--> statement-breakpoint
CREATE INDEX `jobs_state` ON `jobs` (`state`);--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_request_key` ON `jobs` (`actor_id`,`request_key`) WHERE request_key is not null;