// Entry of every page but the workbench: rows by keyboard, take next, drill-downs.
import { $, $$ } from "./net.js";
import { on } from "./keymap.js";
import "./shell.js";

function row(step) {
  const links = $$(".rowlk").filter((link) => link.offsetParent);
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
}
on("rownext", () => row(1));
on("rowprev", () => row(-1));
on("take", () => $("#take")?.requestSubmit());

// On a phone the tab one is on may lie beyond the edge of its row.
for (const tab of $$(".rooms [aria-current]")) tab.closest("ul").scrollLeft = tab.offsetLeft - 40;

// A drill-down is a link to its own page; htmx fetches it once into the row below, which opens and closes.
for (const link of $$("[data-drill]")) {
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("role", "button");
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-drill]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const target = document.getElementById(link.dataset.drill);
  target.hidden = !target.hidden;
  link.setAttribute("aria-expanded", !target.hidden);
  link.closest("tr").classList.toggle("open", !target.hidden);
});
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches?.("[data-drill]")) { event.preventDefault(); event.target.click(); }
});
$("#summary")?.focus();
