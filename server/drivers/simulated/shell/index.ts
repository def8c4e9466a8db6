/** Front door of the simulated shell; loading it loads the bash interpreter. */
export { GuestDisk } from "./guest-disk.ts";
export { SimulatedShell } from "./simulated-shell.ts";
export { runStartupScript } from "./startup-run.ts";
