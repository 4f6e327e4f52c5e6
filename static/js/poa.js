// Present on admission by one letter: Y opens the question below the diagnosis shown, the letter answers it,
// and the next diagnosis without an answer is asked for, until none is left or Escape.
import { $, $$, say } from "./net.js";
import { show } from "./evidence.js";

const LETTERS = [["Y", "Yes"], ["N", "No"], ["U", "Unknown"], ["W", "Undetermined"], ["1", "Exempt"]];
const has = (row) => !!$(".rt .poa", row);
const isDiagnosis = (row) => !row.dataset.code.startsWith("S");

export function ask(row, send) {
  $("#poa-ask")?.remove();
  if (!isDiagnosis(row)) return say("Present on admission belongs to diagnoses: choose one with 1 to 9.");
  const name = $(".cv", row).textContent.trim();
  const group = Object.assign(document.createElement("div"), { id: "poa-ask", className: "row-btns bot" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `Was ${name} present on admission?`);
  const word = Object.assign(document.createElement("span"), { className: "soft", textContent: "Present on admission" });
  group.append(word, ...LETTERS.map(([letter, meaning]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn sm" });
    button.append(Object.assign(document.createElement("kbd"), { textContent: letter }), ` ${meaning}`);
    button.addEventListener("click", () => answer(row, letter, send));
    return button;
  }));
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = event.key.toUpperCase();
    if (LETTERS.some(([known]) => known === letter)) answer(row, letter, send);
    else if (event.key === "Escape") { group.remove(); $(".tok", row).focus(); } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  row.append(group);
  show(row.dataset.code, { toggle: false, quiet: true, scroll: false });
  $("button", group).focus();
  group.scrollIntoView({ block: "nearest" });
  return say(`Was ${name} present on admission? Y, N, U, W, or 1 when exempt.`);
}

async function answer(row, letter, send) {
  const key = row.dataset.code;
  if (!(await send(row.dataset.href, { poa: letter }))) return;
  const rows = $$(".code").filter(isDiagnosis);
  const next = rows.slice(rows.findIndex((one) => one.dataset.code === key) + 1).find((one) => !has(one));
  if (next) ask(next, send); else $(`#code-${key} .tok`)?.focus();
}
