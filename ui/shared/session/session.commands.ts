/** Sign in, sign out, and the first question: who am I? */
import type { UserView } from "#protocol";
import { RequestError } from "#client";
import { sessionApi } from "./session-api.ts";
import { useSessionStore } from "./session.store.ts";

export function useSessionCommands() {
  const session = useSessionStore();

  async function take(answer: Promise<UserView>): Promise<void> {
    session.signIn(await answer);
  }

  return {
    /** `code` of the second factor, once the server asked for it. */
    login: (username: string, password: string, code: string | null = null) =>
      take(sessionApi.login({ username, password, ...(code !== null && { code }) })),
    register: (username: string, password: string, invitation: string | null = null) =>
      take(sessionApi.register({ username, password, ...(invitation !== null && { invitation }) })),
    registration: () => sessionApi.options(),
    setup: (token: string, password: string) => take(sessionApi.setup({ token, password })),

    /** The old session ends with the old password; the socket comes back by the new one. */
    async changePassword(currentPassword: string, newPassword: string): Promise<void> {
      session.setRenewing(true);
      try {
        await take(sessionApi.changePassword({ currentPassword, newPassword }));
      } finally {
        session.setRenewing(false);
      }
    },

    /** Reads the account again, e.g. after a change of its second factor. */
    refresh: () => take(sessionApi.me()),

    async logout(): Promise<void> {
      session.setLeaving(true);
      try {
        await sessionApi.logout();
      } catch (error) {
        session.setLeaving(false);
        // Somebody else has ended it: the aim is reached.
        if (!(error instanceof RequestError && error.code === "unauthenticated")) throw error;
      }
      session.signOut(null);
    },

    /** Asks the server once; a server that cannot be reached leaves the question open. */
    async check(): Promise<void> {
      if (session.phase !== "unchecked") return;
      await this.recheck(null);
    },

    /** `because` is what the login page says when there was a session and it is over. */
    async recheck(because: string | null): Promise<void> {
      try {
        const user = await sessionApi.me();
        if (session.phase !== "anonymous") session.signIn(user);
      } catch (error) {
        if (error instanceof RequestError && error.code === "unauthenticated") session.signOut(because);
      }
    },
  };
}
