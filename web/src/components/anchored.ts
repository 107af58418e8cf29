/** Keeps a popover in the top layer just below (or above) the element it belongs to. */
const GAP_PX = 4;
const EDGE_PX = 8;

export function anchored(popover: HTMLElement, anchor: HTMLElement, { align = "start", sameWidth = false } = {}): () => void {
  const place = () => {
    const box = anchor.getBoundingClientRect();
    if (sameWidth) popover.style.setProperty("min-width", `${box.width}px`);
    const width = popover.offsetWidth;
    const height = popover.offsetHeight;
    const rightToLeft = getComputedStyle(anchor).direction === "rtl";
    const fromEnd = (align === "end") !== rightToLeft;
    const left = fromEnd ? box.right - width : box.left;
    const below = box.bottom + GAP_PX;
    const fits = below + height <= innerHeight - EDGE_PX;
    const top = fits ? below : Math.max(EDGE_PX, box.top - GAP_PX - height);
    popover.style.setProperty("left", `${Math.max(EDGE_PX, Math.min(left, innerWidth - width - EDGE_PX))}px`);
    popover.style.setProperty("top", `${top}px`);
  };
  place();
  addEventListener("scroll", place, true);
  addEventListener("resize", place);
  const watch = new ResizeObserver(place);
  watch.observe(popover);
  return () => {
    removeEventListener("scroll", place, true);
    removeEventListener("resize", place);
    watch.disconnect();
  };
}
