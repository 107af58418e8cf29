/** The answers of /api/v1 that the pages read: names for what `make openapi` writes into schema.d.ts. */
import type { components } from "../schema";

type Schemas = components["schemas"];

export interface Paged<Row> {
  items: Row[];
  next_cursor: string | null;
}

export type Session = Schemas["SessionShown"];
export type OwnSession = Schemas["OwnSession"];

export type Site = Schemas["SiteSummary"];
export type Location = Schemas["Location"];
export type LocationSummary = Schemas["LocationSummary"];
export type NewLocation = Schemas["NewLocation"];

export type Item = Schemas["Item"];
export type ItemSummary = Schemas["ItemSummary"];
export type StockRow = Schemas["StockRow"];
export type ItemStock = Schemas["ItemStock"];
export type Balance = Schemas["BalanceShown"];
export type Why = Schemas["Why"];
export type WhyLine = Schemas["WhyLine"];
export type Reservation = Schemas["ReservationShown"];
export type MovementLine = Schemas["LineShown"];
export type ItemHistory = Schemas["ItemHistory"];

export type DocumentType = Schemas["DocumentSummary"]["type"];
export type DocumentSummary = Schemas["DocumentSummary"];
export type DocumentCount = Schemas["DocumentCount"];
export type DocumentNumber = Schemas["DocumentNumber"];
export type DocumentLine = Schemas["DocumentLine"];
export type StockDocument = Schemas["Document"];
export type DocumentBody = Schemas["DocumentBody"];
export type LineBody = Schemas["LineBody"];
export type Policy = Schemas["Policy"];
export type Reason = Schemas["Reason"];
export type Party = Schemas["PartySummary"];
export type WholeParty = Schemas["Party"];

/** One line of `shortages` in a refusal: which item is short where. */
export interface Shortage {
  line_number?: number;
  item_id: number;
  sku: string;
  location_code: string;
  quantity_asked: number;
  quantity_available: number;
  quantity_missing: number;
}

export type Notification = Schemas["NotificationShown"];
export type NotificationPage = Schemas["NotificationPage"];
export type Found = Schemas["Found"];
export type SavedView = Schemas["SavedView"];
export type Settings = Schemas["SettingList"];
export type Dashboard = Schemas["Dashboard"];

export type Job = Schemas["JobShown"];

export type Import = Schemas["ImportShown"];
export type ImportSummary = Schemas["ImportSummary"];
export type ImportPreview = Schemas["Preview"];
export type ImportRow = Schemas["RowShown"];
/** Lines of a file are counted, so their cursor is a number. */
export interface ImportRows {
  items: ImportRow[];
  next_cursor: number | null;
}
export type ExportAsked = Schemas["ExportAsked"];

export type Person = Schemas["PersonShown"];
export type RoleRequest = Schemas["RoleRequestShown"];
export type Role = Schemas["RoleShown"];
export type ApiKey = Schemas["KeyShown"];
export type NewApiKey = Schemas["KeyMadeShown"];
export type AuditEvent = Schemas["AuditEventShown"];
