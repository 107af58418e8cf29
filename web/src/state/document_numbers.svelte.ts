import { SvelteMap } from "svelte/reactivity";
import { api } from "../api/client";
import type { DocumentNumber } from "../api/types";

const AT_ONCE = 100;

/** What documents are called that a movement or a reservation knows only by id: asked once for all of a page. */
class DocumentNumbers {
  /** Null: asked, and not ours to see. */
  known = new SvelteMap<number, DocumentNumber | null>();
  #wanted = new Set<number>();

  want(id: number): void {
    if (this.known.has(id)) return;
    if (!this.#wanted.size) setTimeout(() => void this.#ask());
    this.#wanted.add(id);
  }

  async #ask(): Promise<void> {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (let start = 0; start < wanted.length; start += AT_ONCE) await this.#askFor(wanted.slice(start, start + AT_ONCE)).catch(() => undefined);
  }

  async #askFor(ids: number[]): Promise<void> {
    const answer = await api.get<DocumentNumber[]>(`/documents/numbers?${ids.map((id) => `id=${id}`).join("&")}`);
    const named = new Map(answer.map((each) => [each.document_id, each]));
    for (const id of ids) this.known.set(id, named.get(id) ?? null);
  }
}

export const documentNumbers = new DocumentNumbers();
