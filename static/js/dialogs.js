// Pend, skip and reopen are pages with a form; here they open as dialogs over the chart.
import { $, $$, request, swap } from "./net.js";
import { on } from "./keymap.js";

async function open(href) {
  const answer = await request(href);
  if (answer.status && !answer.leaving) swap(answer.html);
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest("details")?.removeAttribute("open");
  open(link.href);
});
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("dialog [data-verb]")) return;
  event.preventDefault();
  const answer = await request(event.target.action, new FormData(event.target, event.submitter));
  if (answer.status && !answer.leaving) swap(answer.html);
});
// Ctrl+Enter in a dialog sends its form, as it finalizes outside one.
document.addEventListener("keydown", (event) => {
  const dialog = $("dialog[open]");
  if (dialog && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("form[data-verb]", dialog)?.requestSubmit(); }
});
for (const link of $$("[data-cmd-key]")) on(link.dataset.cmdKey, () => (link.matches("[data-dialog]") ? open(link.href) : location.assign(link.href)));
