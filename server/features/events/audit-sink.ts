/** Decides which commands the audit log keeps, and writes them with their outcome. */
import { type CommandName, commands } from "#protocol";
import type { AuditAttempt, AuditSink, EventLog } from "../../core/event-log.ts";
import { auditInput } from "./audit-input.ts";
import type { AuditRepo } from "./audit-repo.ts";
import type { AuditTarget, FindTarget } from "./audit-target.ts";
import type { EventDeps } from "./deps.ts";

/** A user who tries doors is noted once a minute and command: the log must not be theirs to fill. */
const REPEAT_MS = 60_000;
const MAX_REMEMBERED = 10_000;

const isAdminOnly = (action: CommandName) => commands[action].access === "admin";

/** An administrator's own VMs are no matter of the audit log. */
function isKept({ actor, action }: AuditAttempt, target: AuditTarget): boolean {
  return isAdminOnly(action) || target.ownerIds.some((ownerId) => ownerId !== actor.id);
}

export interface AuditSinkParts {
  readonly repo: AuditRepo;
  readonly events: EventLog;
  readonly findTarget: FindTarget;
}

export function createAuditSink({ clock, log }: EventDeps, parts: AuditSinkParts): AuditSink {
  const { repo, events, findTarget } = parts;
  const lastTry = new Map<string, number>();

  const isRepeated = ({ actor, action }: AuditAttempt): boolean => {
    const key = `${actor.id} ${action}`;
    const nowMs = clock.now();
    if (nowMs - (lastTry.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return true;
    if (lastTry.size >= MAX_REMEMBERED) lastTry.clear();
    lastTry.set(key, nowMs);
    return false;
  };

  const write = (attempt: AuditAttempt, target: AuditTarget, outcome: string) =>
    repo.insert({
      atMs: clock.now(),
      actorId: attempt.actor.id,
      actorName: attempt.actor.name,
      action: attempt.action,
      targetId: target.id,
      targetName: target.name,
      input: auditInput(attempt.input),
      outcome,
      remoteAddress: attempt.remoteAddress,
    });

  const tell = ({ actor, action, remoteAddress }: AuditAttempt) =>
    events.record({
      type: "security",
      severity: "warning",
      name: "admin.refused",
      message: `${actor.name} tried ${action}, which only administrators may do`,
      ownerId: null,
      actor,
      remoteAddress,
    });

  const guarded = <T>(run: () => T): T | null => {
    try {
      return run();
    } catch (error) {
      // The command's own outcome stands; a log that cannot be written is for the operator.
      log.error({ err: error }, "the audit log was not written");
      return null;
    }
  };

  return {
    begin: (attempt) =>
      guarded(() => {
        if (attempt.actor.role !== "admin") {
          if (isRepeated(attempt)) return null;
          return (outcome: string) =>
            void guarded(() => {
              if (commands[attempt.action].effect === "write")
                write(attempt, findTarget(attempt.input), outcome);
              tell(attempt);
            });
        }
        const target = findTarget(attempt.input);
        if (!isKept(attempt, target)) return null;
        return (outcome: string) => void guarded(() => write(attempt, target, outcome));
      }),
  };
}
