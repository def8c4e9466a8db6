/** What a command is about, by id and by the name it has now, and whose it is. */
import { eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { jobId, type UserId, userId, vmId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { jobs, users, vms } from "../../../db/schema/index.ts";

export interface AuditTarget {
  readonly id: number | null;
  readonly name: string | null;
  /** Null when it is nobody's or several people's. */
  readonly ownerIds: readonly UserId[];
}

/** Fields by which our commands name their target; input that is not valid names none. */
const named = z.object({
  userId: userId.optional().catch(undefined),
  vmId: vmId.optional().catch(undefined),
  vmIds: z.array(vmId).max(500).optional().catch(undefined),
  jobId: jobId.optional().catch(undefined),
  username: z.string().max(64).optional().catch(undefined),
  imageId: z.string().max(64).optional().catch(undefined),
});

const nothing: AuditTarget = { id: null, name: null, ownerIds: [] };

export type FindTarget = (input: unknown) => AuditTarget;

export function createTargetFinder({ orm }: Db): FindTarget {
  return (input) => {
    const fields = named.safeParse(input);
    if (!fields.success) return nothing;
    const { userId: user, vmId: vm, vmIds, jobId: job, username, imageId } = fields.data;
    if (user !== undefined) {
      const row = orm.select({ name: users.username }).from(users).where(eq(users.id, user)).get();
      return { id: user, name: row?.name ?? null, ownerIds: [user] };
    }
    if (vm !== undefined) {
      const row = orm.select().from(vms).where(eq(vms.id, vm)).get();
      return { id: vm, name: row?.name ?? null, ownerIds: row ? [row.ownerId] : [] };
    }
    if (job !== undefined) {
      const row = orm.select().from(jobs).where(eq(jobs.id, job)).get();
      return { id: job, name: row?.targetName ?? null, ownerIds: row ? [row.ownerId] : [] };
    }
    if (vmIds !== undefined && vmIds.length > 0) {
      const rows = orm.selectDistinct({ ownerId: vms.ownerId }).from(vms).where(inArray(vms.id, vmIds)).all();
      return { ...nothing, ownerIds: rows.map((row) => row.ownerId) };
    }
    return { ...nothing, name: username ?? imageId ?? null };
  };
}
