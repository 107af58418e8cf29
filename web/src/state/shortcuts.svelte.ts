import { untrack } from "svelte";
import type { TextKey } from "../text";
import { preferences } from "./preferences.svelte";

export interface Shortcut {
  /** "mod+k", "/", "?", or a sequence such as "g d". */
  keys: string;
  text: TextKey;
  run: () => void;
}

const SEQUENCE_MS = 1_200;
class Shortcuts {
  list = $state.raw<Shortcut[]>([]);
}
export const shortcuts = new Shortcuts();

let pressedBefore = "";
let pressedBeforeAt = 0;

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.closest) return false;
  return element.isContentEditable || Boolean(element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select"));
}

function find(event: KeyboardEvent): Shortcut | undefined {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return shortcuts.list.find((shortcut) => shortcut.keys === `mod+${key}`);
  if (event.altKey || isTyping(event.target) || !preferences.letterKeys) return undefined;
  if (document.querySelector("dialog[open]")) return undefined;
  const sequence = event.timeStamp - pressedBeforeAt < SEQUENCE_MS ? `${pressedBefore} ${key}` : key;
  pressedBefore = key;
  pressedBeforeAt = event.timeStamp;
  return shortcuts.list.findLast((shortcut) => shortcut.keys === sequence) ?? shortcuts.list.findLast((shortcut) => shortcut.keys === key);
}

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    const shortcut = find(event);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });
}

/** Adds shortcuts for as long as a component lives; give the result to `$effect`. */
export function useShortcuts(added: Shortcut[]): () => void {
  untrack(() => (shortcuts.list = [...shortcuts.list, ...added]));
  return () => untrack(() => (shortcuts.list = shortcuts.list.filter((shortcut) => !added.includes(shortcut))));
}
