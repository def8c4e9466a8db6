/** The main places of the product, in the order of the navigation. */
import { Coins, ListChecks, MonitorDot, Server } from "@lucide/vue";

export const places = [
  { name: "dashboard", label: "VMs", icon: Server, testid: "nav-dashboard" },
  { name: "monitor", label: "Host", icon: MonitorDot, testid: "nav-monitor" },
  { name: "jobs", label: "Jobs", icon: ListChecks, testid: "nav-jobs" },
  { name: "credits", label: "Credits", icon: Coins, testid: "nav-credits" },
] as const;
