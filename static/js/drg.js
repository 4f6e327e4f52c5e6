// The codes a group rests on: their number shows their words in the note, and the panel stays open.
import { show } from "./evidence.js";

export function init(section) {
  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-shows]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.dataset.shows, { toggle: false });
  });
}
