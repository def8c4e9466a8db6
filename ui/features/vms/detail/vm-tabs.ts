/** The parts of the page of a machine; the open one is in the address, so that it can be linked to. */
export const vmTabs = [
  { value: "terminal", label: "Terminal" },
  { value: "overview", label: "Overview" },
  { value: "metrics", label: "Metrics" },
  { value: "snapshots", label: "Snapshots" },
  { value: "activity", label: "Activity" },
  { value: "settings", label: "Settings" },
] as const;
export type VmTab = (typeof vmTabs)[number]["value"];

/** `?tab=…` as typed by anybody: what is unknown is the terminal. */
export function tabOf(query: unknown): VmTab {
  return vmTabs.find((tab) => tab.value === query)?.value ?? "terminal";
}
