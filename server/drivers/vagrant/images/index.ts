/** Front door of the Vagrant driver's images. */
export { type BoxStore, type BoxStoreOptions, createBoxStore } from "./box-store.ts";
export type { DirectKernel, InstalledBox } from "./installed-box.ts";
