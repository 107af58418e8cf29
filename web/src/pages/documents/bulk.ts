import { api } from "../../api/client";
import { sentence } from "../../api/problem";
import { newRequestKey } from "../../api/request_key";
import type { DocumentSummary } from "../../api/types";
import { say } from "../../state/toasts.svelte";
import { t, word } from "../../text";

export type Verb = "approve" | "post" | "cancel";
const REFUSALS_SHOWN = 3;

/** The selected documents that a verb makes sense for; the server has the last word. */
export function fitting(verb: Verb, rows: DocumentSummary[]): DocumentSummary[] {
  return rows.filter(({ state, approved }) => state === "draft" && (verb !== "approve" || !approved));
}

/** Does one verb to several documents, one after the other, and says what became of them. */
export async function doToAll(verb: Verb, rows: DocumentSummary[], body: Record<string, string> = {}): Promise<void> {
  const done: string[] = [];
  const refused: string[] = [];
  for (const { document_id, number, version } of rows) {
    try {
      await api.post(`/documents/${document_id}/${verb}`, body, newRequestKey(), version);
      done.push(number);
    } catch (error) {
      refused.push(t("documents.many_refused", { number, reason: sentence(error) }));
    }
  }
  if (done.length) say(word("documents.many_done", verb).replace("{numbers}", done.join(", ")));
  for (const text of refused.slice(0, REFUSALS_SHOWN)) say(text, { tone: "bad" });
}
