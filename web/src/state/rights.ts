/** What the pages ask for, and the server permissions that grant it. Any one of a list is enough. */
export const GRANTED_BY = {
  readStock: ["stock.read"],
  moveStock: ["stock.move"],
  writeItems: ["items.write"],
  writeLocations: ["locations.write"],
  readDocuments: ["documents.read"],
  writeDocuments: ["documents.write"],
  postDocuments: ["documents.post"],
  importData: ["imports.write"],
  readJobs: ["jobs.read"],
  manageJobs: ["jobs.manage"],
  manageUsers: ["users.manage"],
  manageKeys: ["keys.manage"],
  manageSettings: ["settings.manage"],
} as const satisfies Record<string, readonly string[]>;

export type Right = keyof typeof GRANTED_BY;
