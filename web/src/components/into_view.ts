/** Brings a message that has just appeared to where the person is looking. */
export function intoView(element: HTMLElement): void {
  element.scrollIntoView({ block: "center", behavior: "smooth" });
}
