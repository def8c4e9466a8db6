/** Settings an administrator changes while the cloud runs. Implemented by features/settings. */
import type { CloudSettings } from "#protocol";

export interface CloudSettingsSource {
  /** As of now; cheap enough for every call. */
  get(): CloudSettings;
}
