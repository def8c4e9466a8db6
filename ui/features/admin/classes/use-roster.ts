/** `useRoster()`: a roster from its text over the dry run to the import. */
import { shallowRef, watch } from "vue";
import type { RosterRow } from "#protocol";
import { useClient } from "../../../shared/session/index.ts";
import { messageOf } from "../../../shared/format/message-of.ts";
import { MAX_ROSTER_CHARACTERS } from "./roster.ts";

export function useRoster() {
  const client = useClient();
  const csv = shallowRef("");
  const report = shallowRef<readonly RosterRow[] | null>(null);
  /** The report tells what has been done, not what would be. */
  const isApplied = shallowRef(false);
  const isBusy = shallowRef(false);
  const refusal = shallowRef("");

  // A report belongs to the text that it is about.
  watch(csv, () => {
    report.value = null;
    refusal.value = "";
  });

  async function ask(dryRun: boolean): Promise<boolean> {
    isBusy.value = true;
    refusal.value = "";
    try {
      const { rows } = await client.request("admin.roster.import", { csv: csv.value, dryRun });
      report.value = rows;
      isApplied.value = !dryRun;
      return true;
    } catch (error) {
      refusal.value = messageOf(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  return {
    csv,
    report,
    isApplied,
    isBusy,
    refusal,
    check: () => ask(true),
    apply: () => ask(false),
    async read(file: File): Promise<void> {
      if (file.size > MAX_ROSTER_CHARACTERS * 4) {
        refusal.value = "The file is too large for a roster";
        return;
      }
      csv.value = await file.text();
    },
    reset() {
      csv.value = "";
      report.value = null;
      isApplied.value = false;
      refusal.value = "";
    },
  };
}

export type Roster = ReturnType<typeof useRoster>;
