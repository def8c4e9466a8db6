CREATE TABLE `credit_accounts` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`balance` integer DEFAULT 0 NOT NULL,
	`issued` integer DEFAULT 0 NOT NULL,
	`burnt` integer DEFAULT 0 NOT NULL,
	`held` integer DEFAULT 0 NOT NULL,
	`grant_balance` integer DEFAULT 0 NOT NULL,
	`told` text DEFAULT 'ok' NOT NULL,
	`emptied_at_ms` integer
);
--> statement-breakpoint
DROP INDEX `ledger_vm`;--> statement-breakpoint
CREATE INDEX `ledger_user_time` ON `ledger` (`user_id`,`at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `ledger_user_kind` ON `ledger` (`user_id`,`kind`,`at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `ledger_vm` ON `ledger` (`vm_id`,`user_id`,`at_ms`,`id`);--> statement-breakpoint
DROP INDEX `meters_open`;--> statement-breakpoint
ALTER TABLE `meters` ADD `usage` text DEFAULT 'full' NOT NULL;--> statement-breakpoint
ALTER TABLE `meters` ADD `carry` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `meters` ADD `mark_ms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `meters` ADD `written_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `meters_open` ON `meters` (`ended_at_ms`,`user_id`);