CREATE TABLE `api_tokens` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`name` text NOT NULL,
	`scope` text NOT NULL,
	`prefix` text NOT NULL,
	`hash` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`last_used_at_ms` integer,
	`revoked_at_ms` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_hash` ON `api_tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `api_tokens_user` ON `api_tokens` (`user_id`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`user_id` integer NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`status` integer,
	`body` text,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`user_id`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_age` ON `idempotency_keys` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `invitations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text NOT NULL,
	`class_name` text,
	`uses_left` integer NOT NULL,
	`created_by` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`revoked_at_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_code` ON `invitations` (`code`);--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`user_id` integer NOT NULL,
	`hash` text NOT NULL,
	`used_at_ms` integer,
	PRIMARY KEY(`user_id`, `hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `ssh_keys` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ssh_keys_user_fingerprint` ON `ssh_keys` (`user_id`,`fingerprint`);--> statement-breakpoint
CREATE TABLE `ledger` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`kind` text NOT NULL,
	`amount` integer NOT NULL,
	`balance_after` integer NOT NULL,
	`key` text NOT NULL,
	`vm_id` integer,
	`vm_name` text,
	`reason` text NOT NULL,
	`actor_id` integer,
	`actor_name` text,
	`at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ledger_key` ON `ledger` (`key`);--> statement-breakpoint
CREATE INDEX `ledger_user` ON `ledger` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `ledger_vm` ON `ledger` (`vm_id`,`id`);--> statement-breakpoint
CREATE TABLE `meters` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`vm_id` integer NOT NULL,
	`vm_name` text NOT NULL,
	`price` integer NOT NULL,
	`started_at_ms` integer NOT NULL,
	`used_ms` integer DEFAULT 0 NOT NULL,
	`charged` integer DEFAULT 0 NOT NULL,
	`ended_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `meters_vm` ON `meters` (`vm_id`,`ended_at_ms`);--> statement-breakpoint
CREATE INDEX `meters_open` ON `meters` (`ended_at_ms`);--> statement-breakpoint
CREATE TABLE `audit_log` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_ms` integer NOT NULL,
	`actor_id` integer NOT NULL,
	`actor_name` text NOT NULL,
	`action` text NOT NULL,
	`target_id` integer,
	`target_name` text,
	`input` text NOT NULL,
	`outcome` text NOT NULL,
	`remote_address` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_log_actor` ON `audit_log` (`actor_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_time` ON `audit_log` (`at_ms`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_ms` integer NOT NULL,
	`type` text NOT NULL,
	`severity` text NOT NULL,
	`name` text NOT NULL,
	`message` text NOT NULL,
	`owner_id` integer,
	`actor_id` integer,
	`actor_name` text,
	`vm_id` integer,
	`target_name` text,
	`remote_address` text,
	`details` text
);
--> statement-breakpoint
CREATE INDEX `events_owner` ON `events` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_vm` ON `events` (`vm_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_time` ON `events` (`at_ms`);--> statement-breakpoint
CREATE TABLE `images` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`family` text NOT NULL,
	`source` text NOT NULL,
	`box` text NOT NULL,
	`ssh_user` text NOT NULL,
	`min_ram_mb` integer NOT NULL,
	`min_disk_gb` integer NOT NULL,
	`hidden` integer DEFAULT false NOT NULL,
	`active_job_id` integer,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `job_programs` (
	`job_id` integer NOT NULL,
	`n` integer NOT NULL,
	`command_line` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	`exit_code` integer,
	PRIMARY KEY(`job_id`, `n`)
);
--> statement-breakpoint
CREATE TABLE `quotas` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`vms` integer,
	`cpu_cores` integer,
	`ram_mb` integer,
	`disk_gb` integer,
	`snapshots` integer
);
--> statement-breakpoint
CREATE TABLE `snapshots` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`vm_id` integer NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`state` text NOT NULL,
	`size_bytes` integer,
	`created_at_ms` integer NOT NULL,
	FOREIGN KEY (`vm_id`) REFERENCES `vms`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `snapshots_vm_name` ON `snapshots` (`vm_id`,`name`);--> statement-breakpoint
DROP INDEX `users_username`;--> statement-breakpoint
ALTER TABLE `users` ADD `email` text;--> statement-breakpoint
ALTER TABLE `users` ADD `class_name` text;--> statement-breakpoint
ALTER TABLE `users` ADD `must_change_password` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `expires_at_ms` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `last_login_at_ms` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `totp_secret` text;--> statement-breakpoint
ALTER TABLE `users` ADD `totp_enabled_at_ms` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `totp_last_step` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `deleted_at_ms` integer;--> statement-breakpoint
CREATE INDEX `users_class` ON `users` (`class_name`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_username` ON `users` (`username`) WHERE deleted_at_ms is null;--> statement-breakpoint
ALTER TABLE `jobs` ADD `actor_id` integer;--> statement-breakpoint
ALTER TABLE `jobs` ADD `actor_name` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `image_id` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `request` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `request_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_request_key` ON `jobs` (`actor_id`,`request_key`) WHERE request_key is not null;--> statement-breakpoint
ALTER TABLE `vms` ADD `home_owner_id` integer;--> statement-breakpoint
ALTER TABLE `vms` ADD `label` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `vms` ADD `notes` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `vms` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `vms` ADD `lease_ends_at_ms` integer;--> statement-breakpoint
ALTER TABLE `vms` ADD `lease_warned_hours` integer;--> statement-breakpoint
ALTER TABLE `vms` ADD `schedule` text;--> statement-breakpoint
ALTER TABLE `vms` ADD `schedule_done_ms` integer;--> statement-breakpoint
ALTER TABLE `vms` ADD `startup_script` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `vms` ADD `startup_output` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `vms` ADD `startup_exit_code` integer;--> statement-breakpoint
ALTER TABLE `vms` ADD `startup_ran_at_ms` integer;--> statement-breakpoint
CREATE INDEX `vms_lease` ON `vms` (`lease_ends_at_ms`) WHERE destroyed_at_ms is null;