/** Classes: labels of users, with their numbers. */
import { sql } from "drizzle-orm";
import type { CommandOutput } from "#protocol";
import type { Db } from "../../../db/client.ts";

type ClassView = CommandOutput<"admin.class.list">["classes"][number];

export interface ClassRepo {
  list(): ClassView[];
}

export function createClassRepo({ orm }: Db): ClassRepo {
  return {
    // VMs are counted by owner first: a join of users and VMs would count a user once for each VM.
    list: () =>
      orm.all<ClassView>(sql`
        with owned as (
          select owner_id, count(*) as vms, sum(state = 'running') as running
          from vms where destroyed_at_ms is null group by owner_id
        )
        select class_name as name, count(*) as users, sum(active) as active,
          coalesce(sum(owned.vms), 0) as vms, coalesce(sum(owned.running), 0) as running
        from users left join owned on owned.owner_id = users.id
        where deleted_at_ms is null and class_name is not null
        group by class_name order by class_name`),
  };
}
