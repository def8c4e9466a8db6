/** Whether machines can be containers on this host, and why not. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createEngineApi } from "./engine-api.ts";
import { DEFAULT_IMAGE_DIR } from "./container-driver.ts";
import { whyNoPodman } from "./service.ts";

export interface ContainerProbe {
  readonly usable: boolean;
  /** For `DriverInfo`. */
  readonly label: string;
  readonly reason: string;
}

const SETUP = "npm run setup:containers";

/** Cheap: starts nothing. `socket` is TWARGA_CONTAINER_SOCKET, or null for a Podman service of our own. */
export async function probeContainers(
  socket: string | null,
  imageDir = DEFAULT_IMAGE_DIR,
): Promise<ContainerProbe> {
  const label = socket === null ? "Containers, Podman" : "Containers, Docker API";
  const no = (what: string): ContainerProbe => ({
    usable: false,
    label,
    reason: `${what} Run \`${SETUP}\`.`,
  });
  if (!existsSync(join(imageDir, "version"))) return no("The image of the lab container is not built.");
  if (socket !== null) {
    if (await createEngineApi(socket).ping())
      return { usable: true, label, reason: `A container engine answers at ${socket}.` };
    return { usable: false, label, reason: `No container engine answers at ${socket}.` };
  }
  const why = whyNoPodman();
  return why === null ? { usable: true, label, reason: "Podman is ready on this host." } : no(`${why}.`);
}
