/** The answers of /api/v1 that the pages read. */
export interface Paged<Row> {
  items: Row[];
  next_cursor: string | null;
  total: number | null;
}

export interface User {
  id: number;
  email: string;
  name: string;
  roles: string[];
  permissions: string[];
  sites: number[];
}
export interface Session {
  user: User;
  csrf_token: string;
}

export interface Site {
  id: number;
  code: string;
  name: string;
  time_zone: string;
}
export type LocationKind = "site" | "zone" | "aisle" | "bin" | "dock" | "stage" | "transit" | "virtual";
export interface Location {
  id: number;
  site_id: number;
  site_code: string;
  parent_id: number | null;
  code: string;
  name: string;
  kind: LocationKind;
  status: "active" | "inactive";
  is_pickable: boolean;
  is_sellable: boolean;
  is_receiving: boolean;
  has_children: boolean;
  version: number;
}

export type ItemStatus = "active" | "archived";
export interface Pack {
  unit: string;
  factor_numerator: number;
  factor_denominator: number;
  gtin: string | null;
}
export interface Item {
  id: number;
  sku: string;
  name: string;
  description: string;
  base_unit: string;
  packs: Pack[];
  tracking: "none" | "lot" | "serial";
  status: ItemStatus;
  shelf_life_days: number | null;
  picture_url: string | null;
  version: number;
}
export type StockState = "ok" | "low" | "out" | "over" | "negative";
export interface StockRow {
  item_id: number;
  sku: string;
  name: string;
  base_unit: string;
  quantity_on_hand: number;
  quantity_reserved: number;
  quantity_available: number;
  quantity_incoming: number;
  quantity_outgoing: number;
  state: StockState;
}
export interface Balance {
  balance_id: number;
  item_id: number;
  sku: string;
  item_name: string;
  base_unit: string;
  site_code: string;
  location_id: number;
  location_code: string;
  lot_code: string | null;
  disposition: string;
  quantity_on_hand: number;
  quantity_reserved: number;
  quantity_available: number;
}
export interface WhyLine {
  movement_id: number;
  line_number: number;
  occurred_at: string;
  recorded_at: string;
  kind: string;
  delta: number;
  running_quantity: number;
  document_id: number | null;
  document_number: string | null;
  actor_name: string;
  request_key: string;
  reason: string | null;
}
export interface Reservation {
  id: number;
  quantity: number;
  state: string;
  expires_at: string | null;
  document_number: string | null;
  actor_name: string;
}
export interface Why {
  balance: Balance;
  lines: WhyLine[];
  reservations: Reservation[];
  next_cursor: string | null;
}
export interface MovementLine {
  movement_id: number;
  line_number: number;
  occurred_at: string;
  recorded_at: string;
  kind: string;
  item_id: number;
  sku: string;
  item_name: string;
  quantity: number;
  source_location_code: string;
  target_location_code: string;
  lot_code: string | null;
  document_id: number | null;
  document_number: string | null;
  actor_name: string;
  request_key: string;
  reason: string | null;
  reversed_by: number | null;
}
export interface ItemHistory {
  points: { date: string; quantity_on_hand: number }[];
}

export type DocumentType = "receipt" | "delivery" | "transfer" | "adjustment";
export type DocumentStatus = "draft" | "posted" | "cancelled" | "reversed";
export interface DocumentSummary {
  id: number;
  number: string;
  type: DocumentType;
  status: DocumentStatus;
  party_name: string | null;
  source_location_code: string | null;
  target_location_code: string | null;
  reference: string | null;
  line_count: number;
  created_at: string;
  posted_at: string | null;
  created_by: string;
}
export interface DocumentLine {
  line_number: number;
  item_id: number;
  sku: string;
  item_name: string;
  quantity: number;
  unit: string;
  base_unit: string;
  quantity_base: number;
  lot_code: string | null;
}
export interface StockDocument extends DocumentSummary {
  version: number;
  party_id: number | null;
  source_location_id: number | null;
  target_location_id: number | null;
  note: string | null;
  reason: string | null;
  posted_by: string | null;
  movement_id: number | null;
  reverses: { id: number; number: string } | null;
  reversed_by: { id: number; number: string } | null;
  lines: DocumentLine[];
}
export interface Shortage {
  line_number?: number;
  item_id: number;
  sku: string;
  location_code: string;
  quantity_needed: number;
  quantity_available: number;
}
export interface Party {
  id: number;
  code: string;
  name: string;
}

export interface Found {
  kind: "item" | "location" | "document";
  id: number;
  code: string;
  label: string;
}

export type JobState = "queued" | "running" | "succeeded" | "failed" | "cancelled";
export interface Job {
  id: number;
  kind: string;
  label: string;
  state: JobState;
  progress_done: number;
  progress_total: number | null;
  attempts: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  actor_name: string;
  error: string | null;
  result_path: string | null;
}

export type ImportState = "uploaded" | "checked" | "applying" | "applied" | "failed";
export interface Import {
  id: number;
  kind: string;
  file_name: string;
  state: ImportState;
  columns: { name: string; samples: string[] }[];
  fields: { name: string; label: string; is_required: boolean; hint: string }[];
  mapping: Record<string, string>;
  rows_total: number | null;
  rows_accepted: number | null;
  rows_refused: number | null;
  job_id: number | null;
  created_at: string;
  actor_name: string;
}
export interface ImportRow {
  line_number: number;
  values: Record<string, string>;
  errors: { field: string; message: string }[];
}

export interface Person {
  id: number;
  email: string;
  name: string;
  roles: string[];
  sites: number[];
  status: "active" | "inactive" | "locked";
  last_seen_at: string | null;
  version: number;
}
export interface Role {
  name: string;
  description: string;
  permissions: string[];
}
export interface ApiKey {
  id: number;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  status: "active" | "expired" | "revoked";
}
export interface NewApiKey extends ApiKey {
  secret: string;
}
export interface SavedView {
  id: number;
  page: string;
  name: string;
  query: string;
  is_shared: boolean;
  owner_name: string;
}
export interface Settings {
  version: string;
  company_name: string;
  settings: { name: string; value: string; source: string; description: string }[];
}

export interface Dashboard {
  as_of: string;
  item_count: number;
  balance_count: number;
  documents_posted_today: number;
  documents_posted_yesterday: number;
  movements_today: number;
  movements_by_day: { date: string; movements: number }[];
  open_drafts: number;
  short_items: StockRow[];
  short_item_count: number;
  verification: { state: "proven" | "broken" | "running" | "never"; checked_at: string | null; invariants: number; violations: number };
  recent_documents: DocumentSummary[];
}
