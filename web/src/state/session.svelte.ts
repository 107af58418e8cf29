import { api, useCsrfToken, whenSignedOut } from "../api/client";
import { connection } from "../api/connection.svelte";
import { NoAnswer, Problem } from "../api/problem";
import { newRequestKey } from "../api/request_key";
import type { Paged, Session, Site } from "../api/types";
import { GRANTED_BY, type Right } from "./rights";

class SessionState {
  user = $state.raw<Session | null>(null);
  /** False until the server has said who we are. */
  known = $state(false);
  /** The session ended while a page was open; its unsaved work stays. */
  expired = $state(false);
  unreachable = $state(false);
  sites = $state.raw<Site[]>([]);

  get login(): string {
    return this.user?.login ?? "";
  }

  can(right: Right): boolean {
    const held = this.user?.permissions ?? [];
    return GRANTED_BY[right].some((permission) => held.includes(permission));
  }

  async open(): Promise<void> {
    this.unreachable = false;
    try {
      this.#begin(await api.session<Session>());
    } catch (error) {
      if (error instanceof NoAnswer) this.unreachable = true;
      else if (!(error instanceof Problem && error.status === 401)) throw error;
    } finally {
      this.known = true;
    }
  }

  async signIn(login: string, password: string): Promise<void> {
    this.#begin(await api.post<Session>("/session", { login, password }, newRequestKey()));
  }

  async changePassword(present: string, wanted: string): Promise<void> {
    await api.post("/session/password", { present, new: wanted }, newRequestKey());
    this.#begin(await api.session<Session>());
  }

  async signOut(): Promise<void> {
    await api.delete("/session", newRequestKey());
    this.user = null;
    this.expired = false;
    useCsrfToken("");
  }

  end(): void {
    if (this.user) this.expired = true;
  }

  async loadSites(): Promise<void> {
    this.sites = (await api.get<Paged<Site>>("/sites", { limit: 100 })).items;
  }

  #begin(session: Session): void {
    useCsrfToken(session.csrf_token ?? "");
    this.user = session;
    if (this.expired) setTimeout(() => connection.returned());
    this.expired = false;
    this.known = true;
    if (this.can("readLocations") && !session.password_temporary) void this.loadSites().catch(() => undefined);
  }
}

export const session = new SessionState();
whenSignedOut(() => session.end());
