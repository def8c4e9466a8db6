#!/usr/bin/env node
/** `npm start`: plain Node without packages, because it is what installs them; ends as the Bun process of the server. */
import { ensureBun, ensurePackages } from "./packages.mjs";
import { become, LaunchError, main } from "./process.mjs";
import { ensureUi } from "./ui-build.mjs";

const MIN_NODE = 20;

await main(() => {
  if (!process.versions.bun && Number.parseInt(process.versions.node, 10) < MIN_NODE)
    throw new LaunchError(`Node ${MIN_NODE} or newer is needed; this is ${process.versions.node}.`);
  ensurePackages({ withDev: false });
  const bun = ensureBun();
  ensureUi();
  return become(bun, ["server/main.ts"]);
});
