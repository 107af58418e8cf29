import { choose, preferences } from "../state/preferences.svelte";
import type { Column } from "./table";

/** Which columns of one list are shown: the choice of this device, else the usual ones. */
export class ColumnChoice {
  readonly #page: string;
  readonly #all: () => Column[];

  constructor(page: string, all: () => Column[]) {
    this.#page = page;
    this.#all = all;
  }

  get keys(): string[] {
    return preferences.columns[this.#page] ?? this.#all().filter((column) => !column.optional).map((column) => column.key);
  }

  get shown(): Column[] {
    const keys = this.keys;
    const chosen = this.#all().filter((column) => column.fixed || keys.includes(column.key));
    return chosen.map((column) => (column.optional && !column.phone ? { ...column, phone: "line" } : column));
  }

  choose = (keys: string[]): void => choose({ columns: { ...preferences.columns, [this.#page]: keys } });
}
