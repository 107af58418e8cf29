import type { Job } from "../api/types";
import { word } from "../text";

/** What a job does, in words: its name, and the file or list it works on. */
export function jobLabel(job: Job): string {
  const name = word("jobs.names", job.name.replaceAll(".", "_"));
  const file = job.arguments.file_name ?? job.arguments.list;
  return typeof file === "string" ? `${name}: ${file}` : name;
}
