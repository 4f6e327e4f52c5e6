// Findings of the edits: going from one to the next, and letting one stand with words of the note.
import { $, $$, request, say, swap } from "./net.js";
import { current } from "./select.js";
import { show } from "./evidence.js";

// What blocks first, then warnings; what stands or is only told is passed over.
const open = () => ["bad", "warn"].flatMap((tone) => $$(`#cp-list .edit[data-finding=${tone}]`));
let last = "";

export function step(by) {
  const found = open();
  if (!found.length) return say("No edit asks for anything.");
  const here = found.findIndex((one) => one.contains(document.activeElement));
  if (here >= 0) return goTo(found[(here + by + found.length) % found.length]);
  // From the note back to the finding that was being worked on; else to the first of all, or the last.
  return goTo(found.find((one) => one.id === last) || found.at(by > 0 ? 0 : -1));
}

export function goTo(finding) {
  document.body.dataset.pane = "codes";
  last = finding.id;
  if (finding.dataset.of) show(finding.dataset.of, { toggle: false, quiet: true });
  finding.focus({ preventScroll: true });
  finding.scrollIntoView({ block: "nearest" });
  const [what, how] = $$("p", finding);
  say(`${what.textContent.trim()} ${how ? how.textContent.trim() : ""}`);
}

const inFocus = () => document.activeElement?.closest(".edit") || (last && document.getElementById(last));

export async function override(link) {
  const finding = link?.closest(".edit") || inFocus() || open()[0];
  const href = finding?.dataset.override;
  if (!href) return say(finding ? "This finding cannot be overridden: mend it." : "Go to a finding first.");
  $("#override")?.remove();
  const answer = await request(href);
  if (answer.status === 404) return say("This finding is no longer there: the codes have changed.");
  if (!answer.ok) return answer.status && swap(answer.html);
  last = finding.id;
  const holder = document.createElement("template");
  holder.innerHTML = answer.html;
  finding.append(holder.content);
  choose();
  const form = $("#override");
  ($("select", form).value ? $("#o-note") : $("#o-reason")).focus();
  return form.scrollIntoView({ block: "nearest" });
}

// The words that are selected now become the evidence; what was chosen before stays while nothing is.
function choose() {
  const form = $("#override form");
  const item = current();
  if (!form || !item || !form.elements.evidence) return;
  const { evidence, quote } = form.elements;
  evidence.value = `${item.version}:${item.start}:${item.end}`;
  quote.value = item.quote;
  evidence.disabled = quote.disabled = false;
  const words = Object.assign(document.createElement("q"), { textContent: item.quote });
  const label = Object.assign(document.createElement("span"), { className: "cite", textContent: item.label });
  $(".chosen", form).replaceChildren(label, " ", words);
}
document.addEventListener("submit", (event) => { if (event.target.matches("[data-words]")) choose(); }, true);
$("#note")?.addEventListener("mouseup", () => setTimeout(choose, 60));
document.addEventListener("focusin", (event) => { if (event.target.closest("#override")) choose(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.closest?.("#override")) return;
  const finding = event.target.closest(".edit");
  $("#override").remove();
  finding.focus();
  event.preventDefault();
});
// A finding that was settled is gone from the list: the next F begins anew from the first.
document.addEventListener("swap:done", () => { if (last && !document.getElementById(last)) last = ""; });
