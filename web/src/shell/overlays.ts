export { default as CommandPalette } from "./CommandPalette.svelte";
export { default as SessionEnded } from "./SessionEnded.svelte";
export { default as ShortcutList } from "./ShortcutList.svelte";
