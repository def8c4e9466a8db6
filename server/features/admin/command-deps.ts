/** What the commands of administration share. */
import type { AccountDeletion } from "./account-deletion.ts";
import type { ClassRepo } from "./class-repo.ts";
import type { AdminDeps } from "./deps.ts";
import type { StatisticsReader } from "./statistics.ts";
import type { UserReader } from "./user-reader.ts";

export interface AdminCommandDeps extends AdminDeps {
  readonly users: UserReader;
  readonly classes: ClassRepo;
  readonly statistics: StatisticsReader;
  readonly deletion: AccountDeletion;
}
