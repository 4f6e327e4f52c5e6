// A chart under review.  Reading, citing and coding are the workbench's own; here are the keys of the comparison.
import { $, $$, request, say, swap } from "./net.js";
import { on, run } from "./keymap.js";
import "./workbench.js";
import { activeCode, activeRow, show } from "./evidence.js";
import { send } from "./codes.js";

const rows = () => $$(".sheetln");

function go(row) {
  if (!row) return say("No other line");
  show(row.dataset.code, { toggle: false });
  $(".tok", row).focus({ preventScroll: true });
  return row;
}
function step(by, list) {
  const all = rows(), at = all.indexOf(activeRow());
  const wanted = by > 0 ? all.slice(at + 1) : all.slice(0, at < 0 ? all.length : at).reverse();
  return go(wanted.find((row) => list.includes(row)));
}
// Findings that are not judged first; when none is left, all of them.
const findings = () => {
  const open = $$(".sheetln[data-open]");
  return open.length ? open : $$(".sheetln[data-finding]");
};
const ahead = (by) => {
  const list = findings(), all = rows(), at = all.indexOf(activeRow());
  const next = by > 0 ? list.find((row) => all.indexOf(row) > at) : list.findLast((row) => all.indexOf(row) < at);
  return go(next || (by > 0 ? list[0] : list.at(-1)));
};
on("nextfinding", () => ahead(1));
on("prevfinding", () => ahead(-1));
on("nextline", () => step(1, rows()));
on("prevline", () => step(-1, rows()));

const needsLine = (act) => (argument) => (activeRow()?.matches(".sheetln") ? act(activeRow(), argument) : say("Choose a line first: F for the next finding, J for the next line."));
on("judge", needsLine(() => run("edit")));
on("agree", needsLine((row) => send(`${row.dataset.href}agree/`, {})));
for (const [id, verdict] of [["querymissed", "QM"], ["evidencewrong", "EV"], ["observation", "OB"]]) {
  on(id, needsLine((row) => send(`${row.dataset.href}process/`, { verdict })));
}
// A digit opens the judgement with that cause; what is left to type is the citation.
on("cause", needsLine(async (row, digit) => {
  if (!("finding" in row.dataset)) return say("This line is no finding.");
  const open = $("#panel");
  const cause = open && row.contains(open) && $("#cause", open);
  if (!cause) {
    open?.remove();
    const answer = await request(`${row.dataset.href}?cause=${digit}`);
    if (!answer.ok) return answer.status && swap(answer.html);
    const holder = document.createElement("template");
    holder.innerHTML = answer.html;
    row.append(holder.content);
  } else if (cause.options[digit]) {
    cause.selectedIndex = digit;
  }
  document.body.dataset.pane = "codes";
  const chosen = $("#cause", row);
  $("#citation", row).focus();
  $("#panel").scrollIntoView({ block: "nearest" });
  return say(`${chosen.selectedOptions[0].textContent}. Type the section, then Enter.`);
}));
on("reveal", () => $("#reveal")?.requestSubmit());
on("deliver", () => $("#deliver")?.requestSubmit());
// Enter and Ctrl+Enter in the judgement save it; the cursor goes on to the next finding.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form.judge");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
});
if (activeCode() === "" && location.hash.startsWith("#code-")) go($(location.hash));
