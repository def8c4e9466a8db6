/** Looks through a whole database: its pages, its references, its money. */
import { Database } from "bun:sqlite";
import { z } from "zod";
import { failed } from "./installation.ts";

export interface DatabaseFacts {
  readonly schema: number;
  readonly users: number;
  readonly vms: number;
  readonly ledgerEntries: number;
}

/** Throws with the first thing that is wrong. */
export function verifyDatabase(file: string): DatabaseFacts {
  const sqlite = openWhole(file);
  try {
    checkPages(sqlite);
    checkReferences(sqlite);
    checkLedger(sqlite);
    return {
      schema: numberOf(sqlite, "SELECT max(created_at) AS n FROM __drizzle_migrations"),
      users: numberOf(sqlite, "SELECT count(*) AS n FROM users"),
      vms: numberOf(sqlite, "SELECT count(*) AS n FROM vms WHERE destroyed_at_ms IS NULL"),
      ledgerEntries: numberOf(sqlite, "SELECT count(*) AS n FROM ledger"),
    };
  } finally {
    sqlite.close();
  }
}

function openWhole(file: string): Database {
  try {
    return new Database(file, { readonly: true });
  } catch (error) {
    throw failed(`The database cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function checkPages(sqlite: Database): void {
  let words: string;
  try {
    words = z
      .object({ integrity_check: z.string() })
      .parse(sqlite.query("PRAGMA integrity_check").get()).integrity_check;
  } catch (error) {
    words = error instanceof Error ? error.message : String(error);
  }
  if (words !== "ok") throw failed(`The database is damaged: ${words}`);
}

function checkReferences(sqlite: Database): void {
  const broken = sqlite.query("PRAGMA foreign_key_check").all();
  if (broken.length > 0)
    throw failed(`The database is not consistent: ${broken.length} rows refer to rows that are not there`);
}

/** Every balance is the sum of its entries, and what the account says. */
function checkLedger(sqlite: Database): void {
  const wrong = sqlite
    .query(
      `SELECT count(*) AS n FROM (
         SELECT user_id, sum(amount) AS total, max(id) AS newest FROM ledger GROUP BY user_id
       ) AS sums
       JOIN ledger AS last ON last.id = sums.newest
       LEFT JOIN credit_accounts AS account ON account.user_id = sums.user_id
       WHERE sums.total <> last.balance_after OR sums.total <> coalesce(account.balance, -1)`,
    )
    .get();
  const { n } = counted.parse(wrong);
  if (n > 0) throw failed(`The credits do not add up: ${n} balances are not the sum of their entries`);
}

const counted = z.object({ n: z.int() });

function numberOf(sqlite: Database, sql: string): number {
  try {
    return counted.parse(sqlite.query(sql).get()).n;
  } catch (error) {
    throw failed(`This is no database of Twarga: ${error instanceof Error ? error.message : error}`);
  }
}
