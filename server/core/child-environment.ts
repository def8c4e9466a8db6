/** The environment of programs we start: what ours is now. */

/**
 * Every `Bun.spawn` needs it: without `env` Bun passes on the environment as it was when the process began,
 * with the secrets that `forgetSecrets` has removed since.
 */
export function childEnvironment(): Record<string, string | undefined> {
  return { ...process.env };
}
