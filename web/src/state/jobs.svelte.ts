import { api } from "../api/client";
import type { Job, Paged } from "../api/types";

const WHILE_BUSY_MS = 2_500;
const WHILE_IDLE_MS = 30_000;

async function underWay(): Promise<Job[]> {
  const pages = await Promise.all(["running", "queued"].map((state) => api.get<Paged<Job>>("/jobs", { state, scheduled: false, limit: 20 })));
  return pages.flatMap((page) => page.items);
}

/** The jobs under way, asked for often while there are any and seldom otherwise. */
class ActiveJobs {
  list = $state.raw<Job[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchers = 0;

  watch(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) void this.refresh();
    return () => {
      this.#watchers -= 1;
      if (this.#watchers === 0) clearTimeout(this.#timer);
    };
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (!document.hidden) this.list = await underWay();
    } catch {
      // The connection pill already tells; the next turn asks again.
    }
    if (this.#watchers > 0) this.#timer = setTimeout(() => void this.refresh(), this.list.length ? WHILE_BUSY_MS : WHILE_IDLE_MS);
  }
}

export const activeJobs = new ActiveJobs();
