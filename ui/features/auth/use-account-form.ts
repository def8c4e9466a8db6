/** `useAccountForm()`: sends one of the account forms and puts the refusal where it belongs. */
import { computed, shallowRef } from "vue";
import { RequestError } from "#client";

interface Refusal {
  readonly code: RequestError["code"] | null;
  readonly message: string;
  readonly field: string | null;
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof RequestError)) {
    return { code: null, message: "Something went wrong on this page", field: null };
  }
  const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1_000);
  const wait = seconds > 0 ? ` Try again in ${seconds} s.` : "";
  return { code: error.code, message: `${error.message}${wait}`, field: error.field ?? null };
}

/** `fields` are the inputs of the form; a refusal of any other field is shown for the whole form. */
export function useAccountForm(fields: readonly string[], send: () => Promise<void>) {
  const isBusy = shallowRef(false);
  const refusal = shallowRef<Refusal | null>(null);

  async function submit(): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    refusal.value = null;
    try {
      await send();
    } catch (error) {
      refusal.value = refusalOf(error);
    } finally {
      isBusy.value = false;
    }
  }

  function errorOf(field: string): string {
    return refusal.value?.field === field ? refusal.value.message : "";
  }

  const formError = computed(() => {
    const { field, message } = refusal.value ?? {};
    return field && fields.includes(field) ? "" : (message ?? "");
  });

  const refusedWith = computed(() => refusal.value?.code ?? null);

  return { isBusy, submit, errorOf, formError, refusedWith, clear: () => void (refusal.value = null) };
}
