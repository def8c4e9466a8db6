/** `admin.roster.import`: accounts from CSV, one report line for each row; a dry run changes nothing. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { readRoster } from "../roster-file.ts";
import { forecast, importRoster, planRoster } from "../roster-import.ts";

export const importRosterFile = defineCommand(
  "admin.roster.import",
  async ({ csv, dryRun }, caller, deps: AdminCommandDeps) => {
    const file = readRoster(csv);
    if (!file.ok) throw new AppError("invalid_input", `csv must be ${file.rule}`, { field: "csv" });
    const rows = planRoster(file.lines, deps);
    return { rows: dryRun ? rows.map(forecast) : await importRoster(rows, caller, deps) };
  },
);
