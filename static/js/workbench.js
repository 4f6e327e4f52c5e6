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
import "./tools.js";

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
if (!$("#toast").hidden) setTimeout(() => { $("#toast").hidden = true; }, 8000);

function chart(step) {
  const links = $$(".wl-item a");
  const at = links.indexOf(document.activeElement);
  const from = at >= 0 ? at : links.findIndex((link) => link.ariaCurrent);
  links[Math.max(0, Math.min(links.length - 1, from + step))]?.focus();
}
on("nextchart", () => chart(1));
on("prevchart", () => chart(-1));

function tab(step) {
  const links = $$(".doc .tabs a");
  const next = links[links.findIndex((link) => link.ariaCurrent) + step];
  if (next) location.assign(next.href);
}
on("docnext", () => tab(1));
on("docprev", () => tab(-1));
for (const letter of ["m", "e", "a", "t", "x"]) on(`meat${letter}`, async () => (await import("./meat.js")).tag(letter));
on("line", async () => {
  const { open } = await import("./palette.js");
  open("L ");
});
// #L24 is a line, #at-1310 an offset (evidence in another document).
function follow() {
  const hash = location.hash.slice(1);
  const offset = hash.match(/^at-(\d+)$/)?.[1];
  const index = offset ? $$("#note .ln").findLastIndex((line) => Number(line.dataset.s) <= Number(offset)) : indexOf(hash);
  if (index >= 0) goTo(index);
}
addEventListener("hashchange", follow);
follow();
if (location.hash.startsWith("#code-")) $(location.hash)?.scrollIntoView({ block: "nearest" });
