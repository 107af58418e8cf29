import type { Column } from "../../components/table";
import { t } from "../../text/pages";

export const STOCK_COLUMNS: Column[] = [
  { key: "sku", label: t("item.sku"), sort: "sku", phone: "title", fixed: true },
  { key: "name", label: t("item.name"), sort: "name", phone: "under" },
  { key: "on_hand", label: t("stock.on_hand"), align: "end", sort: "quantity_on_hand", phone: "value" },
  { key: "reserved", label: t("stock.reserved"), align: "end" },
  { key: "available", label: t("stock.available"), align: "end", sort: "quantity_available", phone: "line" },
  { key: "incoming", label: t("stock.incoming"), align: "end" },
  { key: "outgoing", label: t("stock.outgoing"), align: "end", optional: true },
  { key: "unit", label: t("item.unit"), optional: true },
  { key: "state", label: t("stock.state"), phone: "side" },
];

export const BALANCE_COLUMNS: Column[] = [
  { key: "sku", label: t("item.sku"), sort: "sku", phone: "title", fixed: true },
  { key: "name", label: t("item.name"), phone: "under" },
  { key: "site", label: t("stock.site"), optional: true },
  { key: "location", label: t("stock.location"), sort: "location_code", phone: "line" },
  { key: "lot", label: t("stock.lot") },
  { key: "disposition", label: t("stock.disposition"), phone: "side" },
  { key: "on_hand", label: t("stock.on_hand"), align: "end", sort: "quantity_on_hand", phone: "value" },
  { key: "reserved", label: t("stock.reserved"), align: "end" },
  { key: "available", label: t("stock.available"), align: "end" },
];
