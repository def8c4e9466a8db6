/** What an administrator does: users, classes, all VMs, settings, statistics. Every write is in the audit log. */
import { z } from "zod";
import { password, registrationMode, role, username, userView } from "./auth.ts";
import { command } from "./command-spec.ts";
import { flag, line, listOf, oneOf, prose, searchText, timeInput, wholeNumber } from "./fields.ts";
import { epochMs, invitationId, jobId, userId, vmId } from "./ids.ts";
import { imageId } from "./images.ts";
import { nextCursor, pageFields, sortFields } from "./paging.ts";
import { hostCapacity, quotaLimits, quotaView } from "./quotas.ts";
import { bulkError, leaseHours, vmName, vmState, vmTag, vmView } from "./vms.ts";

/** A label to filter and act on. */
const classRule = "1 to 32 characters: letters, digits, spaces, ., - and _";
export const className = z.string(classRule).regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,31}$/u, classRule);

const emailRule = "an e-mail address";
export const email = z.email(emailRule).max(254, emailRule);

export const adminUserView = userView.extend({
  email: z.string().nullable(),
  lastLoginAtMs: epochMs.nullable(),
  vmCount: z.int(),
  runningCount: z.int(),
  /** Milli-credits. */
  balance: z.int(),
  burnPerHour: z.int(),
});
export type AdminUserView = z.infer<typeof adminUserView>;

const creditAmount = wholeNumber(1, 1_000_000, "credits");
const reason = line(3, 200);
const userTarget = z.strictObject({ userId });
const oneUser = z.object({ user: adminUserView });

/** What to do with the VMs of a user who is deleted. */
const vmFate = oneOf(["destroy", "transfer"]);

export const userBulkActions = ["activate", "deactivate", "logout", "grant", "stopVms", "setClass"] as const;

const settingsShape = {
  registration: registrationMode,
  /** Whole credits of a new account. */
  startCredits: wholeNumber(0, 1_000_000, "credits"),
  quota: quotaLimits,
  /** Lease of a VM whose maker names none; null for none. */
  leaseHours: wholeNumber(leaseHours.min, leaseHours.max, "hours").nullable(),
};
export const cloudSettings = z.object(settingsShape);
export type CloudSettings = z.infer<typeof cloudSettings>;

export const invitationView = z.object({
  id: invitationId,
  /** Path of the page to register by it; shown again as often as wanted, to administrators only. */
  path: z.string(),
  className: z.string().nullable(),
  usesLeft: z.int(),
  expiresAtMs: epochMs,
  createdAtMs: epochMs,
  createdByName: z.string(),
});
export type InvitationView = z.infer<typeof invitationView>;

export const rosterRow = z.object({
  /** Line of the CSV, the header being 1. */
  line: z.int(),
  username: z.string(),
  outcome: z.enum(["created", "updated", "unchanged", "refused"]),
  message: z.string().nullable(),
  /** One-time password of a created account, only in the answer of the import itself. */
  password: z.string().nullable(),
});
export type RosterRow = z.infer<typeof rosterRow>;

export const statistics = z.object({
  host: hostCapacity.nullable(),
  users: z.object({ total: z.int(), active: z.int(), admins: z.int(), online: z.int() }),
  vms: z.object({ total: z.int(), byState: z.partialRecord(vmState, z.int()) }),
  allocated: z.object({ cpuCores: z.int(), ramMb: z.int(), diskGb: z.int() }),
  /** Measured now, of all VMs that run. */
  used: z.object({ cpuPercent: z.number(), memoryBytes: z.number(), diskBytes: z.number() }),
  /** Milli-credits since the beginning. */
  credits: z.object({ issued: z.int(), burnt: z.int(), outstanding: z.int(), burnPerHour: z.int() }),
  jobs: z.object({ active: z.int(), failedToday: z.int() }),
});
export type Statistics = z.infer<typeof statistics>;

export const adminCommands = {
  "admin.user.list": command({
    summary: "Users, by search and filter",
    access: "admin",
    effect: "read",
    input: z.strictObject({
      search: searchText.optional(),
      role: role.optional(),
      active: flag.optional(),
      className: className.optional(),
      ...sortFields(["username", "createdAt", "lastLogin", "balance", "vms"]),
      ...pageFields,
    }),
    output: z.object({ users: z.array(adminUserView), nextCursor, total: z.int() }),
    rest: { method: "GET", path: "/api/admin/users" },
  }),
  "admin.user.get": command({
    summary: "One user with quota and VMs",
    access: "admin",
    effect: "read",
    input: userTarget,
    output: z.object({ user: adminUserView, quota: quotaView, vms: z.array(vmView) }),
    rest: { method: "GET", path: "/api/admin/users/{userId}" },
  }),
  "admin.user.create": command({
    summary: "Make an account; without a password one is made and shown once",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      username,
      password: password.optional(),
      role: role.default("user"),
      className: className.nullable().default(null),
      email: email.nullable().default(null),
      expiresAtMs: timeInput.nullable().default(null),
    }),
    output: z.object({ user: adminUserView, password: z.string().nullable() }),
    rest: { method: "POST", path: "/api/admin/users", status: 201 },
  }),
  "admin.user.update": command({
    summary: "Activate, deactivate, change role, class, e-mail, expiry or quota of a user",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      userId,
      active: flag.optional(),
      role: role.optional(),
      className: className.nullable().optional(),
      email: email.nullable().optional(),
      expiresAtMs: timeInput.nullable().optional(),
      /** Given limits become the user's own; null ones go back to the default. */
      quota: z
        .strictObject(
          {
            vms: quotaLimits.shape.vms.nullable().optional(),
            cpuCores: quotaLimits.shape.cpuCores.nullable().optional(),
            ramMb: quotaLimits.shape.ramMb.nullable().optional(),
            diskGb: quotaLimits.shape.diskGb.nullable().optional(),
            snapshots: quotaLimits.shape.snapshots.nullable().optional(),
          },
          "an object with any of vms, cpuCores, ramMb, diskGb and snapshots",
        )
        .optional(),
    }),
    output: oneUser,
    rest: { method: "PATCH", path: "/api/admin/users/{userId}" },
  }),
  "admin.user.delete": command({
    summary: "Delete an account; ledger, events and audit stay",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      userId,
      vms: vmFate,
      /** Who gets the VMs of a `transfer`. */
      transferTo: userId.optional(),
    }),
    output: z.object({ jobIds: z.array(jobId) }),
    rest: { method: "DELETE", path: "/api/admin/users/{userId}", status: 202 },
  }),
  "admin.user.resetPassword": command({
    summary:
      "A one-time password, shown once; the user must change it, and the second factor is switched off",
    access: "admin",
    effect: "write",
    interactive: true,
    input: userTarget,
    output: z.object({ password: z.string() }),
    rest: { method: "POST", path: "/api/admin/users/{userId}/reset-password" },
  }),
  "admin.user.logout": command({
    summary: "End every session, socket and API token of a user",
    access: "admin",
    effect: "write",
    input: userTarget,
    output: z.object({ ended: z.int() }),
    rest: { method: "POST", path: "/api/admin/users/{userId}/logout" },
  }),
  "admin.user.credits": command({
    summary: "Give or take credits, with a reason",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      userId,
      amount: creditAmount,
      action: oneOf(["grant", "deduct"]).default("grant"),
      reason,
    }),
    output: z.object({ balance: z.int() }),
    rest: { method: "POST", path: "/api/admin/users/{userId}/credits" },
  }),
  "admin.user.bulk": command({
    summary: "One action on many users, with one result each",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      userIds: listOf(userId, 1, 500, "user ids"),
      action: oneOf(userBulkActions),
      amount: creditAmount.optional().meta({ description: "For `grant`." }),
      reason: reason.optional().meta({ description: "For `grant`." }),
      className: className.nullable().optional().meta({ description: "For `setClass`." }),
    }),
    output: z.object({ results: z.array(z.object({ userId, error: bulkError.nullable() })) }),
    rest: { method: "POST", path: "/api/admin/users/bulk" },
  }),
  "admin.roster.import": command({
    summary: "Accounts from CSV (username,email,class,credits,vmQuota,expiresAt); one report line per row",
    access: "admin",
    effect: "write",
    interactive: true,
    input: z.strictObject({ csv: prose(60_000), dryRun: flag.default(true) }),
    output: z.object({ rows: z.array(rosterRow) }),
    rest: { method: "POST", path: "/api/admin/roster" },
  }),
  "admin.class.list": command({
    summary: "Classes with their numbers",
    access: "admin",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({
      classes: z.array(
        z.object({ name: z.string(), users: z.int(), active: z.int(), vms: z.int(), running: z.int() }),
      ),
    }),
    rest: { method: "GET", path: "/api/admin/classes" },
  }),
  "admin.vm.list": command({
    summary: "All VMs, by search and filter",
    access: "admin",
    effect: "read",
    input: z.strictObject({
      search: searchText.optional().meta({ description: "In name, label and owner." }),
      ownerId: userId.optional(),
      className: className.optional(),
      state: vmState.optional(),
      image: imageId.optional(),
      tag: vmTag.optional(),
      ...sortFields(["createdAt", "name", "owner", "ramMb"], "desc"),
      ...pageFields,
    }),
    output: z.object({ vms: z.array(vmView), nextCursor, total: z.int() }),
    rest: { method: "GET", path: "/api/admin/vms" },
  }),
  "admin.stopAll": command({
    summary: "Emergency stop: every running VM, or those of one class, is stopped",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      className: className.optional(),
      /** Typed by hand, so that a stray click or script does not do it. */
      confirm: z.literal("stop everything", "the words: stop everything"),
    }),
    output: z.object({
      results: z.array(z.object({ vmId, jobId: jobId.nullable(), error: bulkError.nullable() })),
    }),
    rest: { method: "POST", path: "/api/admin/stop-all", status: 202 },
  }),
  "admin.statistics": command({
    summary: "Capacity, use, users, VMs and credits in one answer",
    access: "admin",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ statistics }),
    rest: { method: "GET", path: "/api/admin/statistics" },
  }),
  "admin.settings.get": command({
    summary: "Settings of this cloud",
    access: "admin",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ settings: cloudSettings }),
    rest: { method: "GET", path: "/api/admin/settings" },
  }),
  "admin.settings.update": command({
    summary: "Change settings of this cloud",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      registration: settingsShape.registration.optional(),
      startCredits: settingsShape.startCredits.optional(),
      quota: settingsShape.quota.optional(),
      leaseHours: settingsShape.leaseHours.optional(),
    }),
    output: z.object({ settings: cloudSettings }),
    rest: { method: "PATCH", path: "/api/admin/settings" },
  }),
  "admin.invitation.list": command({
    summary: "Invitations that still work",
    access: "admin",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ invitations: z.array(invitationView) }),
    rest: { method: "GET", path: "/api/admin/invitations" },
  }),
  "admin.invitation.create": command({
    summary: "A link by which people can register",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      uses: wholeNumber(1, 1_000).default(1),
      validHours: wholeNumber(1, 2_160, "hours").default(168),
      className: className.nullable().default(null),
    }),
    output: z.object({ invitation: invitationView }),
    rest: { method: "POST", path: "/api/admin/invitations", status: 201 },
  }),
  "admin.invitation.revoke": command({
    summary: "End an invitation",
    access: "admin",
    effect: "write",
    input: z.strictObject({ invitationId }),
    output: z.object({}),
    rest: { method: "DELETE", path: "/api/admin/invitations/{invitationId}" },
  }),
  "admin.orphan.list": command({
    summary: "VMs on the host that carry our name and that the database does not know",
    access: "admin",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({
      orphans: z.array(
        z.object({
          vmId,
          ownerId: userId,
          ownerName: z.string().nullable(),
          name: z.string(),
          state: z.string(),
        }),
      ),
    }),
    rest: { method: "GET", path: "/api/admin/orphans" },
  }),
  "admin.orphan.remove": command({
    summary: "Remove such a VM with its disk from the host",
    access: "admin",
    effect: "write",
    input: z.strictObject({ vmId, name: vmName.meta({ description: "Its name, typed again." }) }),
    output: z.object({}),
    rest: { method: "DELETE", path: "/api/admin/orphans/{vmId}" },
  }),
} as const;
