import type { Item } from "../../api/types";

/** What a barcode field accepts. */
export const GTIN_PATTERN = "[0-9]{8}|[0-9]{12,14}";

type Pack = Item["packs"][number];

/** A pack while a person writes it. */
export interface PackRow {
  unit: string;
  factor: number | null;
  gtin: string;
  /** What the form has no field for, kept as it came. */
  denominator: number;
}

export const toRow = ({ unit, factor_numerator, factor_denominator, gtin }: Pack): PackRow => ({ unit, factor: factor_numerator, gtin: gtin ?? "", denominator: factor_denominator ?? 1 });

export const toPack = ({ unit, factor, gtin, denominator }: PackRow): Pack => ({ unit: unit.trim(), factor_numerator: factor ?? 0, factor_denominator: denominator, gtin: gtin.trim() || null });
