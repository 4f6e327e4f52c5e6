// Entry of the workbench.  Progressive enhancement only: everything here is also a link, a form or a button.
import { $, $$ } from "./net.js";
import { on } from "./keymap.js";
import "./shell.js";
import "./evidence.js";
import { goTo, indexOf } from "./select.js";
import "./find.js";
import "./codes.js";
import "./lease.js";
import "./dialogs.js";

const body = document.body;

// One pane at a time on a phone.
function setPane(name) { body.dataset.pane = name; }
const panes = new MutationObserver(() => {
  for (const link of $$(".mobnav a")) link.toggleAttribute("aria-current", link.dataset.pane === body.dataset.pane);
});
panes.observe(body, { attributeFilter: ["data-pane"] });
document.addEventListener("click", (event) => {
  const link = event.target.closest(".mobnav [data-pane]");
  if (link) { event.preventDefault(); setPane(link.dataset.pane); }
});
setPane(body.dataset.pane);

function chart(step) {
  const links = $$(".wl-item a");
  const at = links.indexOf(document.activeElement);
  const from = at >= 0 ? at : links.findIndex((link) => link.ariaCurrent);
  links[Math.max(0, Math.min(links.length - 1, from + step))]?.focus();
}
on("nextchart", () => chart(1));
on("prevchart", () => chart(-1));

function tab(step) {
  const links = $$(".tabs a");
  const next = links[links.findIndex((link) => link.ariaCurrent) + step];
  if (next) location.assign(next.href);
}
on("docnext", () => tab(1));
on("docprev", () => tab(-1));
on("line", async () => {
  const { open } = await import("./palette.js");
  open("L ");
});
addEventListener("hashchange", () => { const index = indexOf(location.hash.slice(1)); if (index >= 0) goTo(index); });
if (location.hash.startsWith("#code-")) $(location.hash)?.scrollIntoView({ block: "nearest" });
