import { connection } from "./connection.svelte";
import { NoAnswer, readProblem, type Problem } from "./problem";
import { Intention } from "./request_key";

export type QueryValue = string | number | boolean | null | undefined;
export type QueryValues = Record<string, QueryValue>;

declare global {
  interface Window {
    earlySession?: Promise<Response>;
  }
}

interface Asked {
  body?: unknown;
  key?: string;
  version?: number | string;
  signal?: AbortSignal;
}
export interface Answered<Body> {
  body: Body;
  etag: string | null;
}

const BASE = "/api/v1";
const WRITE_TIMEOUT_MS = 20_000;
const WRITE_RETRY_PAUSES_MS = [400, 1_500];

let csrfToken = "";
let onSignedOut: () => void = () => {};

export function useCsrfToken(token: string): void {
  csrfToken = token;
}

export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** The address of an API path, its query without the empty values. */
export function address(path: string, query: QueryValues = {}): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") text.set(name, String(value));
  }
  const tail = text.toString();
  return tail ? `${BASE}${path}?${tail}` : `${BASE}${path}`;
}

function headersFor(method: string, { body, key, version }: Asked): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined && !(body instanceof FormData)) headers.set("Content-Type", "application/json");
  if (method !== "GET") headers.set("X-CSRF-Token", csrfToken);
  if (key) headers.set("Idempotency-Key", key);
  if (version !== undefined) headers.set("If-Match", `"${version}"`);
  return headers;
}

async function send(method: string, url: string, asked: Asked): Promise<Response> {
  const { body, signal } = asked;
  const payload = body === undefined || body instanceof FormData ? body : JSON.stringify(body);
  try {
    const response = await fetch(url, { method, headers: headersFor(method, asked), body: payload, signal, credentials: "same-origin" });
    connection.answered();
    return response;
  } catch (error) {
    if (signal?.aborted && (signal.reason as Error | undefined)?.name !== "TimeoutError") throw error;
    connection.lost();
    throw new NoAnswer();
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A write with a request key may be sent again after a lost reply: the server answers the same. */
async function sendUntilAnswered(method: string, url: string, asked: Asked): Promise<Response> {
  for (const wait of WRITE_RETRY_PAUSES_MS) {
    try {
      const response = await send(method, url, { ...asked, signal: AbortSignal.timeout(WRITE_TIMEOUT_MS) });
      if (response.status !== 503 || !asked.key) return response;
    } catch (error) {
      if (!(error instanceof NoAnswer) || !asked.key) throw error;
    }
    await pause(wait);
  }
  return send(method, url, { ...asked, signal: AbortSignal.timeout(WRITE_TIMEOUT_MS) });
}

/** The answer to the question `early.js` asked before this code had arrived; it serves once. */
async function earlySession(): Promise<Response | undefined> {
  const early = window.earlySession;
  window.earlySession = undefined;
  try {
    const response = await early;
    if (response) connection.answered();
    return response;
  } catch {
    return undefined;
  }
}

async function decode<Body>(response: Response): Promise<Answered<Body>> {
  if (response.status === 204) return { body: undefined as Body, etag: null };
  return { body: (await response.json()) as Body, etag: response.headers.get("ETag") };
}

async function refuse(response: Response, url: string): Promise<Problem> {
  const problem = await readProblem(response);
  if (response.status === 401 && !url.endsWith("/session")) onSignedOut();
  return problem;
}

async function refreshCsrfToken(): Promise<void> {
  const response = await send("GET", address("/session"), {});
  if (response.ok) csrfToken = ((await response.json()) as { csrf_token: string }).csrf_token;
}

async function write<Body>(method: string, path: string, asked: Asked): Promise<Body> {
  const url = address(path);
  connection.waiting += 1;
  try {
    let response = await sendUntilAnswered(method, url, asked);
    if (response.status === 403 && (await response.clone().text()).includes("csrf")) {
      await refreshCsrfToken();
      response = await sendUntilAnswered(method, url, asked);
    }
    if (!response.ok) throw await refuse(response, url);
    return (await decode<Body>(response)).body;
  } finally {
    connection.waiting -= 1;
  }
}

export const api = {
  /** Who is signed in. */
  async session<Body>(): Promise<Body> {
    const url = address("/session");
    const response = (await earlySession()) ?? (await send("GET", url, {}));
    if (!response.ok) throw await refuse(response, url);
    return (await decode<Body>(response)).body;
  },

  /** Reads. Give the signal, so that an outdated question can be dropped. */
  async get<Body>(path: string, query: QueryValues = {}, signal?: AbortSignal): Promise<Body> {
    const url = address(path, query);
    const response = await send("GET", url, { signal });
    if (!response.ok) throw await refuse(response, url);
    return (await decode<Body>(response)).body;
  },

  /** Edits a record whose version we saw; refused when another person changed it since. */
  edit<Body>(method: "PATCH" | "PUT", path: string, body: unknown, version: number, key: string): Promise<Body> {
    return write(method, path, { body, version, key });
  },

  /** Does something; give the version when it changes a record that we saw. */
  post<Body>(path: string, body: unknown, key: string, version?: number): Promise<Body> {
    return write("POST", path, { body, key, version });
  },

  /** An answer that need not be JSON, such as a file. */
  async fetch(path: string, query: QueryValues = {}): Promise<Response> {
    const url = address(path, query);
    const response = await send("GET", url, {});
    if (!response.ok) throw await refuse(response, url);
    return response;
  },

  upload<Body>(path: string, form: FormData, key: string): Promise<Body> {
    return write("POST", path, { body: form, key });
  },

  delete(path: string, key: string, version?: number): Promise<void> {
    return write("DELETE", path, { key, version });
  },
};

/** Does one write for one intention, and ends the intention as soon as the outcome is definite. */
export async function perform<Body>(intention: Intention, body: unknown, act: (key: string) => Promise<Body>): Promise<Body> {
  try {
    const answer = await act(intention.keyFor(body));
    intention.answered();
    return answer;
  } catch (error) {
    if (!(error instanceof NoAnswer)) intention.answered();
    throw error;
  }
}
