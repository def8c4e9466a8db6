CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL,
	`remote_address` text NOT NULL,
	`user_agent` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sessions_live` ON `sessions` (`user_id`) WHERE revoked_at_ms is null;--> statement-breakpoint
CREATE TABLE `settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`username` text NOT NULL,
	`password_hash` text NOT NULL,
	`role` text DEFAULT 'user' NOT NULL,
	`active` integer DEFAULT true NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_username` ON `users` (`username`);--> statement-breakpoint
CREATE TABLE `job_lines` (
	`job_id` integer NOT NULL,
	`n` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`stream` text NOT NULL,
	`text` text NOT NULL,
	PRIMARY KEY(`job_id`, `n`)
);
--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`owner_id` integer NOT NULL,
	`vm_id` integer NOT NULL,
	`vm_name` text NOT NULL,
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
CREATE INDEX `jobs_owner` ON `jobs` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `jobs_vm` ON `jobs` (`vm_id`,`id`);--> statement-breakpoint
CREATE INDEX `jobs_state` ON `jobs` (`state`);--> statement-breakpoint
CREATE TABLE `vms` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`image` text NOT NULL,
	`ram_mb` integer NOT NULL,
	`cpu_cores` integer NOT NULL,
	`disk_gb` integer NOT NULL,
	`driver` text NOT NULL,
	`state` text NOT NULL,
	`ip` text,
	`error_message` text,
	`error_detail` text,
	`active_job_id` integer,
	`created_at_ms` integer NOT NULL,
	`started_at_ms` integer,
	`destroyed_at_ms` integer,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `vms_owner_name` ON `vms` (`owner_id`,`name`) WHERE destroyed_at_ms is null;--> statement-breakpoint
CREATE INDEX `vms_owner` ON `vms` (`owner_id`);