import { untrack } from "svelte";
import { connection } from "./connection.svelte";
import { NoAnswer } from "./problem";

const SKELETON_AFTER_MS = 150;
/** What is older than this is read again when a person comes back to the tab. */
const STALE_AFTER_MS = 20_000;

/** What a page reads from the server: the data, how old it is, and why there is none. */
export class Resource<Data> {
  data = $state.raw<Data | undefined>();
  error = $state.raw<unknown>();
  loading = $state(false);
  /** True once loading has lasted long enough to deserve a skeleton. */
  slow = $state(false);
  asOf = $state.raw<Date | null>(null);
  #load: (signal: AbortSignal) => Promise<Data>;
  #abort: AbortController | undefined;

  constructor(load: (signal: AbortSignal) => Promise<Data>) {
    this.#load = load;
  }

  /** True when the data shown is the last we got before the server went away. */
  get stale(): boolean {
    return this.data !== undefined && this.error instanceof NoAnswer;
  }

  async reload(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = true;
    const timer = setTimeout(() => (this.slow = true), SKELETON_AFTER_MS);
    try {
      const data = await this.#load(abort.signal);
      if (abort.signal.aborted) return;
      this.data = data;
      this.error = undefined;
      this.asOf = new Date();
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
    } finally {
      clearTimeout(timer);
      if (this.#abort === abort) this.loading = this.slow = false;
    }
  }

  #failed(error: unknown): void {
    this.error = error;
    if (!(error instanceof NoAnswer)) this.data = undefined;
  }

  /** Puts a changed record in place without asking the server again. */
  set(data: Data): void {
    this.data = data;
    this.error = undefined;
    this.asOf = new Date();
  }

  stop(): void {
    this.#abort?.abort();
  }
}

/** Whether a person is in a dialog: what it was opened with must not change under their hands. */
const isBeingEdited = (): boolean => document.querySelector("dialog[open]") !== null;

/** Calls the listener when somebody looks at the tab again; returns the way to stop. */
function onLook(listener: () => void): () => void {
  const look = () => !document.hidden && listener();
  document.addEventListener("visibilitychange", look);
  return () => document.removeEventListener("visibilitychange", look);
}

/**
 * Reads whenever what `question` returns changes, and again when a lost server is back.
 * Call it while a component is being made. A question of null asks nothing.
 */
export function resource<Question, Data>(
  question: () => Question | null,
  load: (question: Question, signal: AbortSignal) => Promise<Data>,
): Resource<Data> {
  let asked: Question | null = null;
  const found = new Resource<Data>((signal) => load(asked as Question, signal));
  let previous = "";
  $effect(() => {
    asked = question();
    const text = JSON.stringify(asked);
    if (asked === null || text === previous) return;
    previous = text;
    untrack(() => void found.reload());
  });
  $effect(() => {
    const again = () => asked !== null && !(found.data !== undefined && isBeingEdited()) && void found.reload();
    const forget = connection.onReturn(again);
    const lookAway = onLook(() => Date.now() - (found.asOf?.getTime() ?? Date.now()) > STALE_AFTER_MS && again());
    return () => {
      forget();
      lookAway();
      found.stop();
    };
  });
  return found;
}
