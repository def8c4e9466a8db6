/** `admin.class.list` and `admin.statistics`: the cloud in numbers. */
import { defineCommand } from "../../../core/command.ts";
import type { AdminCommandDeps } from "../command-deps.ts";

export const listClasses = defineCommand(
  "admin.class.list",
  (_input, _caller, { classes }: AdminCommandDeps) => ({ classes: classes.list() }),
);

export const readStatistics = defineCommand(
  "admin.statistics",
  (_input, _caller, { statistics }: AdminCommandDeps) => ({ statistics: statistics.read() }),
);
