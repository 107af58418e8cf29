import { sentence, Problem } from "../api/problem";

export interface Toast {
  id: number;
  tone: "good" | "bad" | "info";
  text: string;
  requestId?: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6_000;
const SHOWN_WITH_ACTION_MS = 10_000;
let lastId = 0;

export const toasts = $state<{ list: Toast[] }>({ list: [] });

export function dismiss(id: number): void {
  toasts.list = toasts.list.filter((toast) => toast.id !== id);
}

export function say(text: string, more: Partial<Omit<Toast, "id" | "text">> = {}): void {
  const id = ++lastId;
  toasts.list = [...toasts.list, { id, text, tone: "good", ...more }];
  if (more.tone !== "bad") setTimeout(() => dismiss(id), more.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
}

/** Tells what went wrong; stays until dismissed and carries the request id. */
export function complain(error: unknown): void {
  say(sentence(error), { tone: "bad", requestId: error instanceof Problem ? error.requestId : undefined });
}
