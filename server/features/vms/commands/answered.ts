/** The answer of a request that a crash cut: what it had begun is given again, and not begun twice. */
import { AppError } from "../../../core/errors.ts";
import type { Accepted, VmCaller } from "../deps.ts";
import type { VmCommandDeps } from "../command-deps.ts";

/** Null for a request that has made nothing yet. */
export function answered(deps: VmCommandDeps, caller: VmCaller): Accepted | null {
  const job = deps.earlier(caller);
  if (!job) return null;
  const row = job.vmId === null ? undefined : deps.repo.find(job.vmId);
  if (!row) throw new AppError("conflict", "This request was carried out before, and its VM is gone since");
  return { vm: deps.views.of(row), jobId: job.id };
}
