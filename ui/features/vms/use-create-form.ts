/** `useCreateForm()`: the state of the create dialog; checks while one types, and takes refusals of the server. */
import { computed, reactive, shallowRef } from "vue";
import { RequestError } from "#client";
import type { ImageView, VmView } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import type { CreateErrors, CreateForm, FormField, SizePreset } from "./create-form.ts";
import { checkForm, firstAvailable, placeOf, shownPrice, startForm } from "./create-form.ts";
import { messageOf } from "../../shared/format/message-of.ts";
import { useVmCommands } from "./vms.commands.ts";
import { useVmsStore } from "./vms.store.ts";

export function useCreateForm() {
  const client = useClient();
  const store = useVmsStore();
  const { create } = useVmCommands();
  const taken = computed(() => new Set(store.vms.map((vm) => vm.name)));
  const form: CreateForm = reactive(startForm(new Set()));
  const images = shallowRef<readonly ImageView[] | null>(null);
  const refused = shallowRef<CreateErrors>({});
  const formError = shallowRef("");
  const isBusy = shallowRef(false);
  const wasSent = shallowRef(false);

  const found = computed(() => checkForm(form, images.value ?? [], taken.value));
  const errors = computed<CreateErrors>(() => {
    const shown = { ...found.value, ...refused.value };
    // Nobody has had the chance to choose while the catalogue is on its way.
    if (!wasSent.value) delete shown.image;
    return shown;
  });

  async function open(): Promise<void> {
    Object.assign(form, startForm(taken.value));
    refused.value = {};
    formError.value = "";
    wasSent.value = false;
    try {
      images.value = (await client.request("image.list", {})).images;
      form.image = firstAvailable(images.value);
    } catch (error) {
      images.value ??= [];
      formError.value = messageOf(error);
    }
  }

  /** Undefined when something is still to be mended. */
  async function submit(): Promise<VmView | undefined> {
    wasSent.value = true;
    refused.value = {};
    formError.value = "";
    if (isBusy.value || Object.keys(found.value).length > 0) return undefined;
    isBusy.value = true;
    try {
      // The price that was read is the price that is charged, or the server refuses.
      const pricePerHour = shownPrice(form);
      return await create({ ...form, ...(pricePerHour === null ? {} : { pricePerHour }) });
    } catch (error) {
      const place = error instanceof RequestError ? placeOf(error.code, error.field) : null;
      if (place) refused.value = { [place]: messageOf(error) };
      else formError.value = messageOf(error);
      return undefined;
    } finally {
      isBusy.value = false;
    }
  }

  function set<K extends FormField>(field: K, value: CreateForm[K]): void {
    Object.assign(form, { [field]: value });
    // What was said of money and limits was said of another size.
    const { [field]: _gone, limits: _limits, price: _price, ...rest } = refused.value;
    refused.value = rest;
  }

  function usePreset({ ramMb, cpuCores, diskGb }: SizePreset): void {
    Object.assign(form, { ramMb, cpuCores, diskGb });
    refused.value = {};
  }

  return { form, images, errors, formError, isBusy, open, submit, set, usePreset };
}
