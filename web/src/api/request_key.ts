/** A version 4 UUID. `crypto.randomUUID` is missing on plain http, `getRandomValues` never is. */
export function newRequestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * The key of one intention of a person. The same body keeps its key until the server has given a definite
 * answer, so pressing a button again after a lost reply can never record the thing twice.
 */
export class Intention {
  #key = newRequestKey();
  #body = "";

  keyFor(body: unknown): string {
    const text = JSON.stringify(body);
    if (this.#body && this.#body !== text) this.#key = newRequestKey();
    this.#body = text;
    return this.#key;
  }

  answered(): void {
    this.#key = newRequestKey();
    this.#body = "";
  }
}
