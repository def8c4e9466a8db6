/** What can be asked of the list of users. */
import type { CommandInput, Role } from "#protocol";
import type { PageKey } from "../../core/paging.ts";

export type UserSort = CommandInput<"admin.user.list">["sort"];

export interface UserFilter {
  readonly search?: string | undefined;
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
  readonly className?: string | undefined;
}

export interface UserPageRequest {
  readonly filter: UserFilter;
  readonly sort: UserSort;
  readonly order: "asc" | "desc";
  readonly after: PageKey | null;
  readonly limit: number;
}
