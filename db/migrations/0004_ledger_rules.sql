-- The ledger is append-only, whoever writes to the file.
CREATE TRIGGER `ledger_no_update` BEFORE UPDATE ON `ledger`
BEGIN
	SELECT RAISE(ABORT, 'The ledger is append-only: an entry is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `ledger_no_delete` BEFORE DELETE ON `ledger`
BEGIN
	SELECT RAISE(ABORT, 'The ledger is append-only: an entry is never removed');
END;
--> statement-breakpoint
-- INSERT OR REPLACE removes the older row without firing a delete trigger, so a key in use is refused here.
CREATE TRIGGER `ledger_chain` BEFORE INSERT ON `ledger`
BEGIN
	SELECT RAISE(ABORT, 'This key is in the ledger already')
	WHERE EXISTS (SELECT 1 FROM `ledger` WHERE `key` = NEW.`key`)
		OR EXISTS (SELECT 1 FROM `ledger` WHERE `id` = NEW.`id`);
	SELECT RAISE(ABORT, 'The balance after an entry is the balance before it and its amount')
	WHERE NEW.`balance_after` <> NEW.`amount` + coalesce(
		(SELECT `balance_after` FROM `ledger` WHERE `user_id` = NEW.`user_id` ORDER BY `id` DESC LIMIT 1), 0);
	SELECT RAISE(ABORT, 'A balance is never below zero') WHERE NEW.`balance_after` < 0;
END;
--> statement-breakpoint
CREATE TRIGGER `ledger_account` AFTER INSERT ON `ledger`
BEGIN
	INSERT INTO `credit_accounts` (`user_id`) VALUES (NEW.`user_id`) ON CONFLICT (`user_id`) DO NOTHING;
	UPDATE `credit_accounts` SET
		`balance` = NEW.`balance_after`,
		`issued` = `issued` + CASE WHEN NEW.`kind` IN ('grant', 'adjustment') THEN NEW.`amount` ELSE 0 END,
		`burnt` = `burnt` - CASE WHEN NEW.`kind` = 'charge' THEN NEW.`amount` ELSE 0 END,
		`held` = `held` - CASE WHEN NEW.`kind` IN ('hold', 'release') THEN NEW.`amount` ELSE 0 END,
		`grant_balance` = CASE WHEN NEW.`kind` = 'grant' THEN NEW.`balance_after` + `held` ELSE `grant_balance` END
	WHERE `user_id` = NEW.`user_id`;
END;
