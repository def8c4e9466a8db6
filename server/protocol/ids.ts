/** Branded ids: a VM id can never be passed where a user id is expected. */
import { z } from "zod";

/** Positive safe integers, so that an id is the same in JSON, in SQLite and in a path. */
const id = z.int("a positive whole number").positive("a positive whole number");

export const userId = id.brand<"UserId">().meta({ description: "User id." });
export const vmId = id.brand<"VmId">().meta({ description: "VM id." });
export const jobId = id.brand<"JobId">().meta({ description: "Job id." });
export const snapshotId = id.brand<"SnapshotId">().meta({ description: "Snapshot id." });
export const sshKeyId = id.brand<"SshKeyId">().meta({ description: "SSH key id." });
export const apiTokenId = id.brand<"ApiTokenId">().meta({ description: "API token id." });
export const invitationId = id.brand<"InvitationId">().meta({ description: "Invitation id." });
/** 32 bits, because it travels in the 8-byte header of binary terminal frames. */
export const terminalId = id
  .max(0xffff_ffff, "a positive whole number of at most 32 bits")
  .brand<"TerminalId">()
  .meta({ description: "Terminal session id, unique while the server runs." });

export type UserId = z.infer<typeof userId>;
export type VmId = z.infer<typeof vmId>;
export type JobId = z.infer<typeof jobId>;
export type SnapshotId = z.infer<typeof snapshotId>;
export type SshKeyId = z.infer<typeof sshKeyId>;
export type ApiTokenId = z.infer<typeof apiTokenId>;
export type InvitationId = z.infer<typeof invitationId>;
export type TerminalId = z.infer<typeof terminalId>;

/** Unix epoch milliseconds, as `Date.now()` gives them: the only form of a point in time on the wire. */
export const epochMs = z.int().nonnegative().meta({ description: "Unix time in milliseconds." });
