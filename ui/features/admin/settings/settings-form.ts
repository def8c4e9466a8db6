/** The settings as a form of texts, and back to what changed; pure. */
import type { CloudSettings, CommandRequest, QuotaLimits, RegistrationMode } from "#protocol";
import { commands, registrationModes } from "#protocol";
import { quotaNames } from "../../credits/quota-share.ts";

export interface SettingsForm {
  registration: string;
  startCredits: string;
  leaseHours: string;
  quota: Record<keyof QuotaLimits, string>;
}

export function formOf({ registration, startCredits, leaseHours, quota }: CloudSettings): SettingsForm {
  return {
    registration,
    startCredits: `${startCredits}`,
    leaseHours: leaseHours === null ? "" : `${leaseHours}`,
    quota: {
      vms: `${quota.vms}`,
      cpuCores: `${quota.cpuCores}`,
      ramMb: `${quota.ramMb}`,
      diskGb: `${quota.diskGb}`,
      snapshots: `${quota.snapshots}`,
    },
  };
}

/** What is no number stays none, so that the schema refuses it by name. */
function numberOf(text: string): number {
  const trimmed = text.trim();
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}

const isMode = (text: string): text is RegistrationMode => registrationModes.some((mode) => mode === text);

export type SettingsInput = CommandRequest<"admin.settings.update">;
export type SettingsCheck =
  | { readonly ok: true; readonly input: SettingsInput }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> };

/** Checked by the very schema of the server; the errors name fields as it does, e.g. `quota.vms`. */
export function checkForm(form: SettingsForm): SettingsCheck {
  const quota = Object.fromEntries(quotaNames.map((name) => [name, numberOf(form.quota[name])]));
  const input = {
    registration: isMode(form.registration) ? form.registration : "closed",
    startCredits: numberOf(form.startCredits),
    leaseHours: form.leaseHours.trim() === "" ? null : numberOf(form.leaseHours),
    quota,
  };
  const parsed = commands["admin.settings.update"].input.safeParse(input);
  if (parsed.success) return { ok: true, input: parsed.data };
  const errors = parsed.error.issues.map(
    ({ path, message }) => [path.join("."), `Must be ${message}`] as const,
  );
  return { ok: false, errors: Object.fromEntries(errors) };
}
