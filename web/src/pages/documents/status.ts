import type { DocumentSummary, StockDocument } from "../../api/types";

export type Status = "draft" | "posted" | "cancelled" | "reversed";
/** Who must look at a draft before it is posted: you, anybody else, or any approver. */
export type Approval = "yours" | "others" | "approvers" | null;

/** The state as people see it: a posted document that another one took back is reversed. */
export function statusOf(document: DocumentSummary | StockDocument): Status {
  const reversed = "reversed_by" in document ? document.reversed_by !== null : document.reversed_by_id !== null;
  return reversed ? "reversed" : (document.state as Status);
}

/** Whose look a draft still waits for; null when for nobody's. */
export function approvalOf(document: StockDocument, actorId: number | undefined, mayApprove: boolean): Approval {
  if (document.state !== "draft" || document.approved_by_id !== null || !(document.approval_needed || document.four_eyes)) return null;
  const wroteIt = document.history.some(({ event, actor_id }) => (event === "created" || event === "changed") && actor_id === actorId);
  if (document.other_approver && wroteIt) return "others";
  return mayApprove ? "yours" : document.approval_needed ? "approvers" : null;
}
