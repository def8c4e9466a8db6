/** `useClasses()`: the classes with their numbers, read when somebody looks. */
import { computed, onMounted, shallowRef } from "vue";
import type { CommandOutput } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import { messageOf } from "../../shared/format/message-of.ts";

export type ClassNumbers = CommandOutput<"admin.class.list">["classes"][number];

export function useClasses() {
  const client = useClient();
  /** Null until they are here. */
  const classes = shallowRef<readonly ClassNumbers[] | null>(null);
  const refusal = shallowRef("");

  async function read(): Promise<void> {
    try {
      classes.value = (await client.request("admin.class.list", {})).classes;
      refusal.value = "";
    } catch (error) {
      refusal.value = messageOf(error);
    }
  }

  onMounted(read);
  return {
    classes,
    refusal,
    read,
    options: computed(() => [
      { value: "all", label: "Every class" },
      ...(classes.value ?? []).map(({ name }) => ({ value: name, label: name })),
    ]),
  };
}
