import ClipboardList from "@lucide/svelte/icons/clipboard-list";
import FileInput from "@lucide/svelte/icons/file-input";
import FileOutput from "@lucide/svelte/icons/file-output";
import History from "@lucide/svelte/icons/history";
import Moon from "@lucide/svelte/icons/moon";
import Repeat from "@lucide/svelte/icons/repeat";
import Rows3 from "@lucide/svelte/icons/rows-3";
import type { Found } from "../api/types";
import { choose, preferences } from "../state/preferences.svelte";
import { session } from "../state/session.svelte";
import { t, word } from "../text";
import { groups, type Destination } from "./navigation";

/** One thing the palette can do: go somewhere or run something. */
export interface Command {
  key: string;
  group: string;
  label: string;
  code?: string;
  href?: string;
  run?: () => void;
  icon?: Destination["icon"];
  keys?: string[];
}

const PLACE = { item: "/items/", location: "/locations/", document: "/documents/" } as const;
const icon = (found: unknown) => found as Destination["icon"];

export function addressOf(found: Found): string {
  return `${PLACE[found.kind]}${found.id}`;
}

/** What is told of a search result beside its code. A document says its type and state in the server's words. */
export function labelOf(found: Found): string {
  if (found.kind !== "document") return found.label;
  const [type, state] = found.label.split(", ");
  return `${word("documents.types", type)}, ${word("documents.statuses", state).toLowerCase()}`;
}

function actions(): Command[] {
  const group = t("search.groups.action");
  const documents: Command[] = session.can("writeDocuments")
    ? [
        { key: "new-receipt", group, label: t("documents.new.receipt"), href: "/documents/new?type=receipt", icon: icon(FileInput) },
        { key: "new-delivery", group, label: t("documents.new.delivery"), href: "/documents/new?type=delivery", icon: icon(FileOutput) },
        { key: "new-transfer", group, label: t("documents.new.transfer"), href: "/documents/new?type=transfer", icon: icon(Repeat) },
        { key: "new-adjustment", group, label: t("documents.new.adjustment"), href: "/documents/new?type=adjustment", icon: icon(ClipboardList) },
      ]
    : [];
  return [
    ...documents,
    { key: "theme", group, label: t("shortcut.theme"), icon: icon(Moon), keys: ["T"], run: () => choose({ theme: document.documentElement.dataset.theme === "dark" ? "light" : "dark" }) },
    { key: "density", group, label: t("preference.switch_density"), icon: icon(Rows3), run: () => choose({ density: preferences.density === "compact" ? "comfortable" : "compact" }) },
  ];
}

/** What the palette offers before anything is typed. */
export function standing(): Command[] {
  const recent = preferences.recent.map(({ href, label }) => ({ key: `recent-${href}`, group: t("search.groups.recent"), label, href, icon: icon(History) }));
  const pages = groups().flatMap((each) => each.destinations.map((place) => ({ key: place.href, group: t("search.groups.page"), label: t(place.text), href: place.href, icon: place.icon, keys: ["G", place.letter.toUpperCase()] })));
  return [...recent, ...pages, ...actions()];
}

/** Commands whose words start with what was typed, in any order. */
export function matching(commands: Command[], text: string): Command[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter((command) => {
    const words = command.label.toLowerCase().split(/\s+/);
    return wanted.every((want) => words.some((each) => each.startsWith(want)));
  });
}
