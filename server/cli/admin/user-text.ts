/** Users as tables and lines. */
import type { AdminUserView, CommandOutput } from "#protocol";
import { tableOr } from "../cli-context.ts";
import { printable } from "../format.ts";
import { creditText, dayText } from "./credit-text.ts";

const header = ["ID", "NAME", "ROLE", "CLASS", "STATE", "CREDITS", "BURNS/H", "VMS", "LAST LOG-IN"];

function stateText({ active, mustChangePassword, expiresAtMs }: AdminUserView): string {
  if (!active) return "inactive";
  if (expiresAtMs !== null && expiresAtMs <= Date.now()) return "expired";
  return mustChangePassword ? "new password" : "active";
}

export function userTable(users: readonly AdminUserView[]): string {
  return tableOr(
    "No users found",
    header,
    users.map((user) => [
      String(user.id),
      user.username,
      user.role,
      user.className ?? "-",
      stateText(user),
      creditText(user.balance),
      creditText(user.burnPerHour),
      `${user.runningCount}/${user.vmCount}`,
      dayText(user.lastLoginAtMs),
    ]),
  );
}

export function userDetails({ user, quota, vms }: CommandOutput<"admin.user.get">): string {
  const limits = (["vms", "cpuCores", "ramMb", "diskGb", "snapshots"] as const).map(
    (name) => `${name} ${quota.used[name]}/${quota.limits[name]}${quota.own.includes(name) ? "*" : ""}`,
  );
  return [
    userTable([user]),
    "",
    `E-mail   ${printable(user.email ?? "-")}`,
    `Expires  ${dayText(user.expiresAtMs)}`,
    `Quota    ${limits.join(", ")}${quota.own.length > 0 ? "   (* own limit)" : ""}`,
    "",
    tableOr(
      "No VMs",
      ["ID", "VM", "STATE", "IMAGE", "RAM MB", "CORES", "DISK GB"],
      vms.map((vm) => [
        ...[String(vm.id), vm.name, vm.state, vm.image],
        ...[String(vm.ramMb), String(vm.cpuCores), String(vm.diskGb)],
      ]),
    ),
  ].join("\n");
}
