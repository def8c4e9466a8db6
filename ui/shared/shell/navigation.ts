/** The main places of the product, in the order of the navigation. */
import {
  Coins,
  Gauge,
  GraduationCap,
  HardDrive,
  Layers,
  ListChecks,
  MonitorDot,
  ScrollText,
  Server,
  Settings,
  Users,
} from "@lucide/vue";

export const places = [
  { name: "dashboard", label: "VMs", icon: Server, testid: "nav-dashboard" },
  { name: "monitor", label: "Host", icon: MonitorDot, testid: "nav-monitor" },
  { name: "jobs", label: "Jobs", icon: ListChecks, testid: "nav-jobs" },
  { name: "credits", label: "Credits", icon: Coins, testid: "nav-credits" },
] as const;

/** What only administrators see, below the others. */
export const adminPlaces = [
  { name: "admin", label: "Overview", icon: Gauge, testid: "nav-admin" },
  { name: "admin-users", label: "Users", icon: Users, testid: "nav-admin-users" },
  { name: "admin-classes", label: "Classes", icon: GraduationCap, testid: "nav-admin-classes" },
  { name: "admin-vms", label: "All VMs", icon: Layers, testid: "nav-admin-vms" },
  { name: "admin-images", label: "Images", icon: HardDrive, testid: "nav-admin-images" },
  { name: "admin-settings", label: "Settings", icon: Settings, testid: "nav-admin-settings" },
  { name: "admin-audit", label: "Audit log", icon: ScrollText, testid: "nav-admin-audit" },
] as const;
