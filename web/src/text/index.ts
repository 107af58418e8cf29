/** The texts of the first look; `./pages` adds those of all other pages, so that they need not arrive with it. */
import english from "./en.json";

type Leaf = string | { one: string; other: string };
export type Paths<Node, Prefix extends string = ""> = {
  [Name in keyof Node & string]: Node[Name] extends Leaf
    ? `${Prefix}${Name}`
    : Paths<Node[Name], `${Prefix}${Name}.`>;
}[keyof Node & string];

/** The name of one text of the catalogue, for example `stock.title`. */
export type TextKey = Paths<typeof english>;
export type TextValues = Record<string, string | number>;

const language = document.documentElement.lang || "en";
/** Numbers and dates follow the region of the reader, as far as it speaks the language of the pages. */
export const locale = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;
const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(locale);

const catalogue: Record<string, unknown> = { ...english };

/** Adds groups of texts. */
export function extend(groups: Record<string, unknown>): void {
  Object.assign(catalogue, groups);
}

function find(key: string): Leaf | undefined {
  let node: unknown = catalogue;
  for (const name of key.split(".")) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Record<string, unknown>)[name];
  }
  return node as Leaf | undefined;
}

function fill(sentence: string, values: TextValues): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === "number" ? number.format(value) : (value ?? "");
  });
}

/** The text for a key. A text with plural forms picks its form by `values.count`. */
export function t(key: TextKey, values: TextValues = {}): string {
  const leaf = find(key);
  if (leaf === undefined) return key;
  if (typeof leaf === "string") return fill(leaf, values);
  return fill(plural.select(Number(values.count)) === "one" ? leaf.one : leaf.other, values);
}

/** The text for a word the server sent, such as a status; the word itself when the catalogue lacks it. */
export function word(group: string, value: string | null | undefined): string {
  if (!value) return "";
  const leaf = find(`${group}.${value}`);
  return typeof leaf === "string" ? leaf : value.replaceAll("_", " ");
}
