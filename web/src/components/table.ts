/** One column of a table. */
export interface Column {
  key: string;
  label: string;
  align?: "end";
  /** The name the server sorts by; without it the heading is plain text. */
  sort?: string;
  /**
   * Where it goes when the table becomes a list on a phone; without it the column is left out there.
   * First row: title and value. Second row: under and side. Then labelled lines, then buttons.
   */
  phone?: "title" | "value" | "under" | "side" | "line" | "buttons";
  /** As narrow as its content allows. */
  narrow?: boolean;
  /** Always shown, so not offered in the column picker. */
  fixed?: boolean;
  /** Hidden until picked. */
  optional?: boolean;
}

export type SortDirection = "ascending" | "descending";

export function directionOf(sort: string | undefined, field: string): SortDirection | undefined {
  if (sort === field) return "ascending";
  return sort === `-${field}` ? "descending" : undefined;
}

/** The sort after one press on a heading: first ascending, then descending. */
export function nextSort(sort: string | undefined, field: string): string {
  return directionOf(sort, field) === "ascending" ? `-${field}` : field;
}
