import type { PickedItem } from "../../components/ItemPicker.svelte";
import type { PickedLocation } from "../../components/LocationPicker.svelte";
import type { DocumentBody, DocumentType, LineBody, Party, StockDocument } from "../../api/types";
import { t } from "../../text";

type Kept = Pick<LineBody, "disposition" | "unit_cost" | "source_location_id" | "target_location_id">;
export interface DraftLine {
  key: number;
  item: PickedItem | null;
  quantity: string;
  unit: string;
  lot: string;
  /** What this editor has no field for, kept as it came. */
  kept: Kept;
}
export type Direction = "increase" | "decrease";

const NEEDS = {
  receipt: { source: false, target: true },
  delivery: { source: true, target: false },
  transfer: { source: true, target: true },
} as const;
const WHOLE = /^[1-9]\d{0,14}$/;
let lastKey = 0;

/** A line is shown with the place it really moves from or to; its own is only what differs from the document's. */
const ownPlace = (ofLine: number | null, ofDocument: number | null): number | null => (ofLine === ofDocument ? null : ofLine);

function blankLine(item: PickedItem | null = null): DraftLine {
  return { key: ++lastKey, item, quantity: "", unit: item?.base_unit ?? "", lot: "", kept: { disposition: "available" } };
}

/** A document while a person is still writing it. */
export class Draft {
  readonly type: DocumentType;
  source = $state.raw<PickedLocation | null>(null);
  target = $state.raw<PickedLocation | null>(null);
  party = $state.raw<Pick<Party, "party_id" | "name"> | null>(null);
  direction = $state<Direction>("decrease");
  reason = $state("");
  reference = $state("");
  note = $state("");
  /** The day it is expected, as a date field holds it. */
  dueOn = $state("");
  /** When it happened, if that was said; there is no field for it. */
  #occurredAt: string | null = null;
  lines = $state<DraftLine[]>([blankLine()]);
  /** What the server keeps of it, as JSON; an unchanged draft is not saved again, which would take its approval back. */
  stored = "";
  /** Mistakes are shown only after the first try to save. */
  tried = $state(false);

  constructor(type: DocumentType, items: PickedItem[] = []) {
    this.type = type;
    if (items.length) this.lines = items.map(blankLine);
  }

  static of(document: StockDocument): Draft {
    const draft = new Draft(document.type as DocumentType);
    draft.source = document.source_location_id ? { location_id: document.source_location_id, code: document.source_location_code ?? "", name: "" } : null;
    draft.target = document.target_location_id ? { location_id: document.target_location_id, code: document.target_location_code ?? "", name: "" } : null;
    draft.party = document.party_id ? { party_id: document.party_id, name: document.party_name ?? "" } : null;
    draft.direction = document.target_location_id ? "increase" : "decrease";
    draft.reason = document.reason_code ?? "";
    draft.reference = document.reference;
    draft.note = document.note;
    draft.dueOn = document.due_on ?? "";
    draft.#occurredAt = document.occurred_at;
    draft.lines = document.lines.map((line) => ({
      key: ++lastKey,
      item: { item_id: line.item_id, sku: line.sku, name: line.item_name, base_unit: line.base_unit, tracking: line.lot_code ? "lot" : "none" },
      quantity: String(line.quantity),
      unit: line.unit,
      lot: line.lot_code ?? "",
      kept: {
        disposition: line.disposition as LineBody["disposition"],
        unit_cost: line.unit_cost === null ? null : Number(line.unit_cost),
        source_location_id: ownPlace(line.source_location_id, document.source_location_id),
        target_location_id: ownPlace(line.target_location_id, document.target_location_id),
      },
    }));
    draft.stored = JSON.stringify(draft.body);
    return draft;
  }

  get needsSource(): boolean {
    return this.type === "adjustment" ? this.direction === "decrease" : NEEDS[this.type].source;
  }

  get needsTarget(): boolean {
    return this.type === "adjustment" ? this.direction === "increase" : NEEDS[this.type].target;
  }

  get filledLines(): DraftLine[] {
    return this.lines.filter((line) => line.item || line.quantity);
  }

  addLine(): void {
    this.lines.push(blankLine());
  }

  removeLine(key: number): void {
    this.lines = this.lines.filter((line) => line.key !== key);
    if (!this.lines.length) this.addLine();
  }

  turn(direction: Direction): void {
    if (direction === this.direction) return;
    [this.source, this.target] = [this.target, this.source];
    this.direction = direction;
  }

  sourceMistake(): string | null {
    return this.needsSource && !this.source ? t("documents.needs_source") : null;
  }

  targetMistake(): string | null {
    if (this.needsTarget && !this.target) return t("documents.needs_target");
    return this.needsSource && this.needsTarget && this.source?.location_id === this.target?.location_id ? t("documents.same_place") : null;
  }

  reasonMistake(): string | null {
    return this.type === "adjustment" && !this.reason ? t("documents.needs_reason") : null;
  }

  lineMistake(line: DraftLine): string | null {
    if (!line.item) return line.quantity ? t("documents.needs_item") : null;
    if (!WHOLE.test(line.quantity)) return t("documents.needs_quantity");
    const twin = this.lines.find((other) => other !== line && other.item?.item_id === line.item?.item_id && other.lot === line.lot);
    return twin && twin.key < line.key ? t("documents.twice") : null;
  }

  get isRight(): boolean {
    const lines = this.filledLines;
    return lines.length > 0 && !this.sourceMistake() && !this.targetMistake() && !this.reasonMistake() && lines.every((line) => !this.lineMistake(line));
  }

  /** Whether a person has written something that is not kept yet. */
  get isTouched(): boolean {
    return JSON.stringify(this.body) !== this.stored;
  }

  /** What the server is asked to keep. */
  get body(): DocumentBody {
    return {
      type: this.type,
      party_id: this.party?.party_id ?? null,
      source_location_id: this.needsSource ? (this.source?.location_id ?? null) : null,
      target_location_id: this.needsTarget ? (this.target?.location_id ?? null) : null,
      reason_code: this.type === "adjustment" ? this.reason || null : null,
      reference: this.reference.trim(),
      note: this.note.trim(),
      occurred_at: this.#occurredAt,
      due_on: this.dueOn || null,
      lines: this.filledLines.map((line) => ({ ...line.kept, item_id: line.item?.item_id ?? 0, quantity: Number(line.quantity), unit: line.unit || line.item!.base_unit, lot: line.lot.trim() || null })),
    };
  }
}
