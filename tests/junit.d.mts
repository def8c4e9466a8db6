/** Types of junit.mjs. */
export function countResults(
  reportFile: string,
  exitCode: number,
): { passed: number; failed: number; skipped: number };
export function skippedGroups(reportFile: string): { title: string; count: number }[];
