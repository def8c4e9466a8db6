/** `useImageDeed()`: carries out what the form of an image asks for; a file is sent first. */
import { onScopeDispose, shallowRef } from "vue";
import type { Client } from "#client";
import { useClient } from "../../../shared/session/index.ts";
import { messageOf } from "../../../shared/format/message-of.ts";
import { checkImage, type ImageForm, type ImageFormKind } from "./image-form.ts";
import { sendFile } from "./send-file.ts";

interface Deed {
  readonly kind: ImageFormKind;
  readonly form: ImageForm;
  readonly file: File | null;
}

export function useImageDeed() {
  const client = useClient();
  const isBusy = shallowRef(false);
  const refusal = shallowRef("");
  /** Of the file on its way, 0 to 1; null when none is. */
  const sent = shallowRef<number | null>(null);
  let sending: AbortController | null = null;
  const cancel = () => sending?.abort();
  onScopeDispose(cancel);

  async function importFile(form: ImageForm, file: File): Promise<void> {
    sending = new AbortController();
    sent.value = 0;
    try {
      const id = await sendFile(file, {
        onProgress: (part) => void (sent.value = part),
        signal: sending.signal,
      });
      const check = checkImage.file(form, id);
      if (check.ok) await client.request("image.import", check.input);
    } finally {
      sent.value = null;
      sending = null;
    }
  }

  async function carryOut({ kind, form, file }: Deed): Promise<void> {
    if (kind === "file") return file ? importFile(form, file) : undefined;
    return kind === "registry" ? add(client, form) : edit(client, form);
  }

  return {
    isBusy,
    refusal,
    sent,
    cancel,
    /** True when the server took it. */
    async run(deed: Deed): Promise<boolean> {
      isBusy.value = true;
      refusal.value = "";
      try {
        await carryOut(deed);
        return true;
      } catch (error) {
        refusal.value = messageOf(error);
        return false;
      } finally {
        isBusy.value = false;
      }
    },
  };
}

async function add(client: Client, form: ImageForm): Promise<void> {
  const check = checkImage.registry(form);
  if (check.ok) await client.request("image.add", check.input);
}

async function edit(client: Client, form: ImageForm): Promise<void> {
  const check = checkImage.edit(form);
  if (check.ok) await client.request("image.update", check.input);
}
