/** All texts, for pages beyond the first look. */
import more from "./en.pages.json";
import { extend, t as plain, type Paths, type TextKey as FirstKey, type TextValues } from "./index";

extend(more);

export type TextKey = FirstKey | Paths<typeof more>;
export const t = plain as (key: TextKey, values?: TextValues) => string;
export { locale, word } from "./index";
