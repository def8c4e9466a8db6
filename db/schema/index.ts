/** Every table of the database. */
export * from "./auth.ts";
export * from "./jobs.ts";
export * from "./vms.ts";
