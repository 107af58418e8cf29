/** What the pages ask for, and the server permissions that grant it. Any one of a list is enough. */
export const GRANTED_BY = {
  readStock: ["stock.read"],
  writeItems: ["item.write"],
  readLocations: ["location.read"],
  writeLocations: ["location.write"],
  readDocuments: ["document.read"],
  writeDocuments: ["document.write"],
  postDocuments: ["document.post"],
  approveDocuments: ["document.approve"],
  reverseStock: ["stock.reverse"],
  importData: ["import.run"],
  readJobs: ["job.read"],
  manageJobs: ["job.manage"],
  manageUsers: ["user.manage"],
  manageKeys: ["key.manage"],
  readSettings: ["settings.read"],
  writeSettings: ["settings.write"],
  readParties: ["party.read"],
  writeParties: ["party.write"],
  readAudit: ["audit.read"],
} as const satisfies Record<string, readonly string[]>;

export type Right = keyof typeof GRANTED_BY;
