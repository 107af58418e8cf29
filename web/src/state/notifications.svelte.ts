import { api } from "../api/client";
import { newRequestKey } from "../api/request_key";
import type { Notification, NotificationPage } from "../api/types";
import { t, word, type TextKey } from "../text";
import { say } from "./toasts.svelte";

const SHOWN = 8;
const REFRESH_MS = 30_000;

const PLACES: Record<string, (id: number) => string> = {
  document: (id) => `/documents/${id}`,
  import: (id) => `/imports/${id}`,
  export: (id) => `/api/v1/exports/files/${id}`,
  ledger: () => "/",
};

/** Where a notification leads. */
export function placeOf({ kind, subject_id }: Notification): string {
  if (kind === "role.requested") return "/users?view=requests";
  const [noun = ""] = kind.split(".");
  return PLACES[noun]?.(subject_id) ?? "/profile";
}

/** A notification as a sentence. */
export function sentenceOf({ kind, facts }: Notification): string {
  const values = { ...facts, role: word("roles", String(facts.role ?? "")), list: word("export.lists", String(facts.list ?? "")) };
  return t(`notifications.kinds.${kind.replace(".", "_")}` as TextKey, { count: Number(facts.rows ?? facts.rules ?? 0), ...values });
}

/** What this person was told: the newest, and how many are unread. New ones are also said in a toast. */
class Notifications {
  list = $state.raw<Notification[]>([]);
  unread = $state(0);
  #newestSeen: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  watch(): () => void {
    void this.refresh();
    return () => clearTimeout(this.#timer);
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (!document.hidden) this.#take(await api.get<NotificationPage>("/notifications", { limit: SHOWN }));
    } catch {
      // The connection pill already tells; the next turn asks again.
    }
    this.#timer = setTimeout(() => void this.refresh(), REFRESH_MS);
  }

  #take({ items, unread_count }: NotificationPage): void {
    this.list = items;
    this.unread = unread_count;
    const newest = items[0]?.notification_id ?? 0;
    const [fresh] = items.filter((each) => this.#newestSeen !== null && each.notification_id > this.#newestSeen && !each.read_at);
    if (fresh) say(sentenceOf(fresh), { tone: "info" });
    this.#newestSeen = Math.max(newest, this.#newestSeen ?? 0);
  }

  async read(one: Notification): Promise<void> {
    if (one.read_at) return;
    await api.post(`/notifications/${one.notification_id}/read`, undefined, newRequestKey());
    await this.refresh();
  }

  async readAll(): Promise<void> {
    const newest = this.list[0];
    if (newest) await api.post("/notifications/read", { last_id: newest.notification_id }, newRequestKey());
    await this.refresh();
  }
}

export const notifications = new Notifications();
