/** Front door of the simulated driver. */
export { createSimulatedDriver, type SimulatedDriverOptions } from "./simulated-driver.ts";
