/** Columns of the table of users, and what the server can sort by; pure. */
import type { AdminUserView, CommandRequest } from "#protocol";
import { MILLI } from "#protocol";
import type { TableColumn, TableSort } from "../../../shared/table/table-plan.ts";

type Column = TableColumn<AdminUserView>;
type Wanted = CommandRequest<"admin.user.list">;

export const userColumns: readonly Column[] = [
  { key: "username", label: "User", value: (user) => user.username, minRem: 10, grow: 2, isFixed: true },
  { key: "email", label: "E-mail", value: (user) => user.email, minRem: 10, grow: 2, isUnsortable: true },
  {
    key: "className",
    label: "Class",
    value: (user) => user.className,
    minRem: 7,
    grow: 1,
    isUnsortable: true,
  },
  { key: "status", label: "Status", value: (user) => statusOf(user).label, minRem: 8, isUnsortable: true },
  { key: "vms", label: "VMs", value: (user) => user.vmCount, minRem: 6, align: "end" },
  { key: "balance", label: "Credits", value: (user) => user.balance / MILLI, minRem: 7, align: "end" },
  { key: "lastLogin", label: "Last log-in", value: (user) => user.lastLoginAtMs, minRem: 8 },
  { key: "createdAt", label: "Since", value: (user) => user.createdAtMs, minRem: 8, isHiddenAtFirst: true },
];

/** What matters most about an account, in one word. */
export function statusOf(user: Pick<AdminUserView, "active" | "role" | "mustChangePassword">) {
  if (!user.active) return { label: "Inactive", tone: "neutral" } as const;
  if (user.role === "admin") return { label: "Administrator", tone: "warning" } as const;
  if (user.mustChangePassword) return { label: "Invited", tone: "info" } as const;
  return { label: "Active", tone: "success" } as const;
}

const sorts: Readonly<Record<string, NonNullable<Wanted["sort"]>>> = {
  username: "username",
  createdAt: "createdAt",
  lastLogin: "lastLogin",
  balance: "balance",
  vms: "vms",
};

export interface UserFilter {
  readonly search: string;
  readonly role: string;
  readonly active: string;
  readonly className: string;
  readonly sort: TableSort | null;
}

/** The filters of the page as the server takes them. */
export function wantedUsers({ search, role, active, className, sort }: UserFilter): Wanted {
  const key = sort && sorts[sort.key];
  return {
    ...(search.trim() !== "" && { search: search.trim() }),
    ...((role === "user" || role === "admin") && { role }),
    ...(active !== "all" && { active: active === "yes" }),
    ...(className !== "all" && { className }),
    ...(key && { sort: key, order: sort.isDescending ? ("desc" as const) : ("asc" as const) }),
  };
}
