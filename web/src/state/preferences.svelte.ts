import { untrack } from "svelte";

/** What a person chose on this device. Everything shared or worth keeping lives on the server instead. */
const KEPT_AS = "truestock.preferences";

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";
interface Preferences {
  theme: Theme;
  density: Density;
  letterKeys: boolean;
  siteId: number | null;
  columns: Record<string, string[]>;
  recent: { href: string; label: string }[];
}
const DEFAULTS: Preferences = { theme: "system", density: "comfortable", letterKeys: true, siteId: null, columns: {}, recent: [] };

function load(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as Partial<Preferences>) };
  } catch {
    return { ...DEFAULTS };
  }
}

export const preferences = $state(load());

export function choose(changes: Partial<Preferences>): void {
  Object.assign(preferences, changes);
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(preferences));
  } catch {
    // A full or forbidden store only means that the choice lasts until the page closes.
  }
  applyTheme();
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
export const appearance = $state({ dark: document.documentElement.dataset.theme === "dark" });

export function applyTheme(): void {
  const dark = preferences.theme === "dark" || (preferences.theme === "system" && darkSystem.matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.density = preferences.density;
  appearance.dark = dark;
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#171e28" : "#ffffff");
}

darkSystem.addEventListener("change", applyTheme);

const RECENT_KEPT = 8;

/** Remembers a page for the command palette, newest first. */
export function remember(href: string, label: string): void {
  untrack(() => {
    const others = preferences.recent.filter((visit) => visit.href !== href);
    choose({ recent: [{ href, label }, ...others].slice(0, RECENT_KEPT) });
  });
}
