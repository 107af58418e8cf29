import type { DocumentSummary, StockDocument } from "../../api/types";

export type Status = "draft" | "posted" | "cancelled" | "reversed";

/** The state as people see it: a posted document that another one took back is reversed. */
export function statusOf(document: DocumentSummary | StockDocument): Status {
  const reversed = "reversed_by" in document ? document.reversed_by !== null : document.reversed_by_id !== null;
  return reversed ? "reversed" : (document.state as Status);
}
