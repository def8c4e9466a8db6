/** Front door of administration: users, classes, rosters, invitations and the numbers of the cloud. */
import { DisposableStack } from "../../core/disposable.ts";
import type { Feature } from "../../core/feature.ts";
import { createAccountDeletion } from "./account-deletion.ts";
import { createClassRepo } from "./class-repo.ts";
import { logoutUser, resetPassword } from "./commands/account-access.ts";
import { bulkUsers } from "./commands/bulk-users.ts";
import { changeCredits } from "./commands/change-credits.ts";
import { createUser } from "./commands/create-user.ts";
import { deleteUser } from "./commands/delete-user.ts";
import { getUser } from "./commands/get-user.ts";
import { importRosterFile } from "./commands/import-roster.ts";
import { createInvitation, listInvitations, revokeInvitation } from "./commands/invitation-commands.ts";
import { listUsers } from "./commands/list-users.ts";
import { listClasses, readStatistics } from "./commands/read-cloud.ts";
import { updateUser } from "./commands/update-user.ts";
import type { AdminCommandDeps } from "./command-deps.ts";
import type { AdminDeps } from "./deps.ts";
import { createStatisticsReader } from "./statistics.ts";
import { createUserReader } from "./user-reader.ts";

export type { CreditAdmin, CreditAdjustment, QuotaAdmin, QuotaChange } from "./deps.ts";
export { createInvitations, type Invitations } from "./invitations.ts";

const commands = [
  ...[listUsers, getUser, createUser, updateUser, deleteUser],
  ...[resetPassword, logoutUser, changeCredits, bulkUsers, importRosterFile],
  ...[listClasses, readStatistics, listInvitations, createInvitation, revokeInvitation],
];

export interface AdminFeature extends Feature {
  /** Goes on with deletions that the last run left. Call it when the VMs are reconciled. */
  resume(): void;
}

export function createAdminFeature(deps: AdminDeps): AdminFeature {
  const owned = new DisposableStack();
  const deletion = owned.use(createAccountDeletion(deps));
  const commandDeps: AdminCommandDeps = {
    ...deps,
    users: createUserReader(deps.db),
    classes: createClassRepo(deps.db),
    statistics: createStatisticsReader(deps),
    deletion,
  };
  return {
    commands: commands.map((command) => command.bind(commandDeps)),
    topics: [],
    resume: () => deletion.resume(),
    dispose: () => owned.dispose(),
  };
}
