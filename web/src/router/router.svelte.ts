/** The address is the state: the path chooses the page, the query holds every filter, sort and cursor. */
export type Query = Record<string, string>;
type Changes = Record<string, string | number | null | undefined>;

function read(): { path: string; query: Query } {
  const query = Object.fromEntries(new URLSearchParams(location.search));
  return { path: location.pathname.replace(/(.)\/+$/, "$1"), query };
}

class Router {
  #now = $state.raw(read());
  /** Counts visits, so that the shell can move focus to the new page's heading. */
  visits = $state(0);

  get path(): string {
    return this.#now.path;
  }

  get query(): Query {
    return this.#now.query;
  }

  /** Goes to an address of this application. */
  go(href: string, { replace = false, state = null }: { replace?: boolean; state?: unknown } = {}): void {
    const before = this.path;
    history[replace ? "replaceState" : "pushState"](state, "", href);
    this.#now = read();
    if (before !== this.path) this.visits += 1;
  }

  /** Changes parts of the query; null or an empty string removes one. */
  set(changes: Changes, { replace = false, state = null }: { replace?: boolean; state?: unknown } = {}): void {
    this.go(this.with(changes), { replace, state });
  }

  /** The present address with parts of its query changed. */
  with(changes: Changes): string {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") query.delete(name);
      else query.set(name, String(value));
    }
    const text = query.toString();
    return text ? `${this.path}?${text}` : this.path;
  }

  refresh(): void {
    const before = this.path;
    this.#now = read();
    if (before !== this.path) this.visits += 1;
  }
}

export const router = new Router();

function isOurs(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  return plain && link.origin === location.origin && !link.target && !link.hasAttribute("download") && !link.pathname.startsWith("/api/");
}

/** Turns clicks on our own links into page changes without a reload. */
export function listenToLinks(): void {
  addEventListener("popstate", () => router.refresh());
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || event.defaultPrevented || !isOurs(event, link)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    router.go(link.pathname + link.search);
  });
}
