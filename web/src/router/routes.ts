import type { Component } from "svelte";
import type { Right } from "../state/rights";

export interface PageParameters {
  id: string;
}
type Page = Component<PageParameters>;
export interface Route {
  pattern: RegExp;
  load: () => Promise<{ default: Page }>;
  right?: Right;
  /** The page stays in place when only its id changes. */
  keeps?: boolean;
}

const page = (load: () => Promise<unknown>): Route["load"] => load as Route["load"];

/** Every page of the product, in the order they are tried. */
export const routes: Route[] = [
  { pattern: /^\/$/, load: page(() => import("../pages/dashboard/Dashboard.svelte")) },
  { pattern: /^\/stock$/, load: page(() => import("../pages/stock/StockList.svelte")), right: "readStock" },
  { pattern: /^\/items\/(?<id>\d+)$/, load: page(() => import("../pages/item/ItemDetail.svelte")), right: "readStock" },
  { pattern: /^\/movements$/, load: page(() => import("../pages/movements/MovementList.svelte")), right: "readStock" },
  { pattern: /^\/documents$/, load: page(() => import("../pages/documents/DocumentList.svelte")), right: "readDocuments" },
  { pattern: /^\/documents\/new$/, load: page(() => import("../pages/documents/NewDocument.svelte")), right: "writeDocuments" },
  { pattern: /^\/documents\/(?<id>\d+)$/, load: page(() => import("../pages/documents/DocumentDetail.svelte")), right: "readDocuments" },
  { pattern: /^\/locations(?:\/(?<id>\d+))?$/, load: page(() => import("../pages/locations/Locations.svelte")), right: "readLocations", keeps: true },
  { pattern: /^\/parties$/, load: page(() => import("../pages/parties/PartyList.svelte")), right: "readParties" },
  { pattern: /^\/imports$/, load: page(() => import("../pages/imports/ImportList.svelte")), right: "importData" },
  { pattern: /^\/imports\/(?<id>\d+)$/, load: page(() => import("../pages/imports/ImportDetail.svelte")), right: "importData" },
  { pattern: /^\/jobs$/, load: page(() => import("../pages/jobs/JobList.svelte")), right: "readJobs" },
  { pattern: /^\/users$/, load: page(() => import("../pages/users/UserList.svelte")), right: "manageUsers" },
  { pattern: /^\/api-keys$/, load: page(() => import("../pages/keys/KeyList.svelte")), right: "manageKeys" },
  { pattern: /^\/audit$/, load: page(() => import("../pages/audit/AuditList.svelte")), right: "readAudit" },
  { pattern: /^\/notifications$/, load: page(() => import("../pages/notifications/NotificationList.svelte")) },
  { pattern: /^\/settings$/, load: page(() => import("../pages/settings/Settings.svelte")) },
  { pattern: /^\/profile$/, load: page(() => import("../pages/profile/Profile.svelte")) },
];

export interface Found {
  route: Route;
  parameters: PageParameters;
}

export function findRoute(path: string): Found | undefined {
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (match) return { route, parameters: { id: match.groups?.id ?? "" } };
  }
  return undefined;
}
