/** `useClient()`: the one socket client of this tab, for every component. */
import type { InjectionKey } from "vue";
import { inject } from "vue";
import type { Client } from "#client";

export const clientKey: InjectionKey<Client> = Symbol("client");

export function useClient(): Client {
  const client = inject(clientKey);
  if (!client) throw new Error("useClient() needs app.provide(clientKey, client), as main.ts does");
  return client;
}
