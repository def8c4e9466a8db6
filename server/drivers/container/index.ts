/** Front door of the container driver. */
export { createContainerDriver } from "./container-driver.ts";
export { probeContainers } from "./probe.ts";
