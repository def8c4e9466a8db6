/** Tags: what typing adds, which there are, and whether one fits; pure. */
import type { VmView } from "#protocol";
import { vmTag } from "#protocol";

export const MOST_TAGS = 10;

export interface TagsAnswer {
  readonly tags: readonly string[];
  readonly error: string;
}

/** `text` may hold several, parted by commas or blanks; what is wrong is said and left out. */
export function withTags(tags: readonly string[], text: string): TagsAnswer {
  const next = new Set(tags);
  const words = text.toLowerCase().split(/[\s,]+/);
  for (const word of words.filter(Boolean)) {
    const issue = vmTag.safeParse(word).error?.issues[0];
    if (issue) return { tags: [...next], error: `“${word}” must be ${issue.message}` };
    if (next.size >= MOST_TAGS && !next.has(word))
      return { tags: [...next], error: `at most ${MOST_TAGS} tags` };
    next.add(word);
  }
  return { tags: [...next], error: "" };
}

/** All tags in use, by name. */
export function tagsOf(vms: readonly Pick<VmView, "tags">[]): readonly string[] {
  return [...new Set(vms.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
}

/** An empty `tag` lets all pass. */
export function withTag<T extends Pick<VmView, "tags">>(vms: readonly T[], tag: string): readonly T[] {
  return tag === "" ? vms : vms.filter(({ tags }) => tags.includes(tag));
}
