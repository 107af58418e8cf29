import type { Component } from "svelte";
import ArrowLeftRight from "@lucide/svelte/icons/arrow-left-right";
import Boxes from "@lucide/svelte/icons/boxes";
import FileText from "@lucide/svelte/icons/file-text";
import FileUp from "@lucide/svelte/icons/file-up";
import Handshake from "@lucide/svelte/icons/handshake";
import KeyRound from "@lucide/svelte/icons/key-round";
import LayoutDashboard from "@lucide/svelte/icons/layout-dashboard";
import ListChecks from "@lucide/svelte/icons/list-checks";
import MapPin from "@lucide/svelte/icons/map-pin";
import ScrollText from "@lucide/svelte/icons/scroll-text";
import SettingsIcon from "@lucide/svelte/icons/settings";
import Users from "@lucide/svelte/icons/users";
import type { Right } from "../state/rights";
import { session } from "../state/session.svelte";
import type { TextKey } from "../text";

export interface Destination {
  href: string;
  text: TextKey;
  icon: Component<{ size?: number; strokeWidth?: number }>;
  /** Second key of the sequence that starts with G. */
  letter: string;
  right?: Right;
}
export interface Group {
  text: TextKey | null;
  destinations: Destination[];
}

const icon = (found: unknown) => found as Destination["icon"];

const GROUPS: Group[] = [
  {
    text: null,
    destinations: [
      { href: "/", text: "nav.dashboard", icon: icon(LayoutDashboard), letter: "d" },
      { href: "/stock", text: "nav.stock", icon: icon(Boxes), letter: "s", right: "readStock" },
      { href: "/documents", text: "nav.documents", icon: icon(FileText), letter: "o", right: "readDocuments" },
      { href: "/movements", text: "nav.movements", icon: icon(ArrowLeftRight), letter: "m", right: "readStock" },
      { href: "/locations", text: "nav.locations", icon: icon(MapPin), letter: "l", right: "readLocations" },
      { href: "/parties", text: "nav.parties", icon: icon(Handshake), letter: "p", right: "readParties" },
    ],
  },
  {
    text: "nav.data",
    destinations: [
      { href: "/imports", text: "nav.imports", icon: icon(FileUp), letter: "i", right: "importData" },
      { href: "/jobs", text: "nav.jobs", icon: icon(ListChecks), letter: "j", right: "readJobs" },
    ],
  },
  {
    text: "nav.administration",
    destinations: [
      { href: "/users", text: "nav.users", icon: icon(Users), letter: "u", right: "manageUsers" },
      { href: "/api-keys", text: "nav.keys", icon: icon(KeyRound), letter: "k", right: "manageKeys" },
      { href: "/audit", text: "nav.audit", icon: icon(ScrollText), letter: "a", right: "readAudit" },
      { href: "/settings", text: "nav.settings", icon: icon(SettingsIcon), letter: "e" },
    ],
  },
];

/** The places this person may go. */
export function groups(): Group[] {
  return GROUPS.map((group) => ({ ...group, destinations: group.destinations.filter(({ right }) => !right || session.can(right)) })).filter((group) => group.destinations.length > 0);
}

export function isCurrent(href: string, path: string): boolean {
  if (href === "/") return path === "/";
  if (href === "/stock" && path.startsWith("/items/")) return true;
  return path === href || path.startsWith(`${href}/`);
}
