/** Everything the palette offers: pages, VMs, what their state allows, and the account; pure. */
import type { VmAction, VmId, VmView } from "#protocol";
import { vmActions } from "#protocol";
import { refusalOf } from "../../../features/vms/vm-rules.ts";
import { vmStateLook } from "../../../features/vms/vm-state-look.ts";
import { adminPlaces, places } from "../navigation.ts";
import type { Matchable } from "./palette-match.ts";

export type PaletteDeed =
  | { readonly kind: "page"; readonly name: string }
  | { readonly kind: "create" }
  | { readonly kind: "vm"; readonly vmId: VmId; readonly tab: string }
  | { readonly kind: "act"; readonly vmId: VmId; readonly action: VmAction }
  | { readonly kind: "theme" }
  | { readonly kind: "help" }
  | { readonly kind: "logout" };

export interface PaletteEntry extends Matchable {
  readonly group: "Go to" | "VMs" | "Actions" | "This page";
  readonly hint: string;
  readonly deed: PaletteDeed;
}

const verbs = { start: "Start", stop: "Stop", restart: "Restart", destroy: "Destroy" } as const;

/** What people look for on them. */
const adminWords: Readonly<Record<(typeof adminPlaces)[number]["name"], string>> = {
  admin: "overview statistics capacity emergency stop everything orphans",
  "admin-users": "accounts students passwords credits grant",
  "admin-classes": "roster import students",
  "admin-vms": "everybody machines",
  "admin-images": "boxes catalogue build fetch upload",
  "admin-settings": "registration invitations quota lease start credits",
  "admin-audit": "log history who did",
};

function vmEntries(vm: VmView, isOnline: boolean): PaletteEntry[] {
  const hint = vmStateLook[vm.state].label;
  const open = (tab: string, label: string, words: string): PaletteEntry => ({
    id: `vm-${vm.id}-${tab}`,
    group: "VMs",
    label: `${vm.name}: ${label}`,
    words: `${words} ${vm.ip ?? ""} ${vm.image} ${vm.ownerName}`,
    hint,
    deed: { kind: "vm", vmId: vm.id, tab },
  });
  const allowed = isOnline ? vmActions.filter((action) => refusalOf(action, vm.state) === null) : [];
  return [
    open("terminal", "terminal", "open shell console"),
    open("metrics", "metrics", "charts cpu memory"),
    open("activity", "activity", "jobs history"),
    ...allowed.map((action): PaletteEntry => ({
      id: `vm-${vm.id}-${action}`,
      group: "Actions",
      label: `${verbs[action]} ${vm.name}`,
      words: action === "destroy" ? "delete remove" : "",
      hint,
      deed: { kind: "act", vmId: vm.id, action },
    })),
  ];
}

export function paletteEntries(state: {
  readonly vms: readonly VmView[];
  readonly isOnline: boolean;
  readonly isDark: boolean;
  readonly isAdmin?: boolean;
}): readonly PaletteEntry[] {
  const pages = places.map(({ name, label }): PaletteEntry => ({
    id: `page-${name}`,
    group: "Go to",
    label,
    words: `go to page ${name}`,
    hint: "Page",
    deed: { kind: "page", name },
  }));
  const account: PaletteEntry = {
    id: "page-account",
    group: "Go to",
    label: "Your account",
    words: "go to page password sessions second factor totp tokens ssh keys",
    hint: "Page",
    deed: { kind: "page", name: "account" },
  };
  const admin = (state.isAdmin ? adminPlaces : []).map(({ name, label }): PaletteEntry => ({
    id: `page-${name}`,
    group: "Go to",
    label: name === "admin" ? "Administration" : `Administration: ${label.toLowerCase()}`,
    words: `go to page ${name} ${adminWords[name]}`,
    hint: "Page",
    deed: { kind: "page", name },
  }));
  const create: PaletteEntry = {
    id: "create",
    group: "Actions",
    label: "Create VM",
    words: "new add machine",
    hint: "",
    deed: { kind: "create" },
  };
  const own: readonly PaletteEntry[] = [
    {
      id: "theme",
      group: "This page",
      label: state.isDark ? "Light theme" : "Dark theme",
      words: "switch colours mode",
      hint: "",
      deed: { kind: "theme" },
    },
    {
      id: "help",
      group: "This page",
      label: "Keyboard shortcuts",
      words: "help keys",
      hint: "",
      deed: { kind: "help" },
    },
    {
      id: "logout",
      group: "This page",
      label: "Log out",
      words: "sign out leave",
      hint: "",
      deed: { kind: "logout" },
    },
  ];
  return [
    ...pages,
    ...admin,
    account,
    create,
    ...state.vms.flatMap((vm) => vmEntries(vm, state.isOnline)),
    ...own,
  ];
}
