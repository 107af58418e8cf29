import type { Column } from "../../components/table";
import { t } from "../../text/pages";

export const MOVEMENT_COLUMNS: Column[] = [
  { key: "when", label: t("movements.when"), sort: "recorded_at", phone: "side" },
  { key: "kind", label: t("movements.kind"), phone: "title" },
  { key: "item", label: t("stock.item"), phone: "under" },
  { key: "quantity", label: t("movements.quantity"), align: "end", phone: "value" },
  { key: "way", label: t("movements.way"), phone: "line" },
  { key: "document", label: t("movements.document"), phone: "line" },
  { key: "actor", label: t("movements.actor") },
  { key: "reason", label: t("movements.reason"), optional: true },
];
