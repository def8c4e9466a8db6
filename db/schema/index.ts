/** Every table of the database. */
export * from "./auth.ts";
export * from "./credits.ts";
export * from "./events.ts";
export * from "./images.ts";
export * from "./jobs.ts";
export * from "./quotas.ts";
export * from "./vms.ts";
