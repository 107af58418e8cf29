import type { AuditEvent } from "../../api/types";
import { t, word } from "../../text/pages";

export const isBlank = (value: unknown): boolean => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

function plain(name: string, value: unknown): string {
  if (isBlank(value)) return "–";
  if (Array.isArray(value)) return name === "lines" ? t("audit.lines", { count: value.length }) : value.map((each) => plain("", each)).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.values(value).filter((each) => !isBlank(each));
  return parts.map((each) => plain("", each)).join(" ");
}

/** Only what differs between before and after, in one line. */
export function changeOf({ before, after }: AuditEvent): string {
  const names = Object.keys({ ...before, ...after }).filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]) && !(isBlank(before?.[name]) && isBlank(after?.[name])));
  return names
    .map((name) => {
      const [was, is] = [plain(name, before?.[name]), plain(name, after?.[name])];
      return `${word("audit.fields", name)}: ${before && was !== is ? `${was} → ${is}` : is}`;
    })
    .join("; ");
}

const PLACES: Record<string, string> = { document: "/documents/", item: "/items/", location: "/locations/", import: "/imports/" };

/** Where the record of an event is shown; null when it has no page. */
export function placeOf({ subject_kind, subject_id }: AuditEvent): string | null {
  const place = PLACES[subject_kind];
  return place && subject_id !== null ? `${place}${subject_id}` : null;
}
