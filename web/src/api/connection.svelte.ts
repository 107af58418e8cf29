/** Whether the server answers, judged by the last request's outcome: `navigator.onLine` says nothing about it. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

class Connection {
  online = $state(true);
  /** Writes on their way. */
  waiting = $state(0);
  lastAnswerAt = $state.raw<Date | null>(null);
  #pauseMs = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();

  answered(): void {
    this.lastAnswerAt = new Date();
    this.#pauseMs = FIRST_PAUSE_MS;
    clearTimeout(this.#timer);
    if (this.online) return;
    this.online = true;
    this.returned();
  }

  /** Lets every page read again: after a lost server is back, or a person has signed in anew. */
  returned(): void {
    for (const listener of this.#listeners) listener();
  }

  lost(): void {
    this.online = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.probe(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async probe(): Promise<void> {
    try {
      await fetch("/health/live", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
      this.answered();
    } catch {
      this.lost();
    }
  }

  /** Calls the listener each time the server is back; returns the way to stop. */
  onReturn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const connection = new Connection();
addEventListener("online", () => void connection.probe());
addEventListener("offline", () => connection.lost());
