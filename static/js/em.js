// The E/M panel: the words selected in the note become the evidence of the element that is chosen.
import { $ } from "./net.js";
import { current, focusLine } from "./select.js";

let sending = false;

function showPicked(form) {
  const item = current();
  const place = $("[data-picked]", form);
  if (place) place.textContent = item ? `${item.label}: “${item.quote}”` : "No words are selected in the note.";
}

// Runs before the change is sent: forms marked data-words carry what is selected now.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-words]")) return;
  const item = current();
  for (const old of form.querySelectorAll("[data-word]")) old.remove();
  sending = true;
  if (!item) return;
  for (const [name, value] of [["evidence", `${item.version}:${item.start}:${item.end}`], ["quote", item.quote]]) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    field.dataset.word = "";
    form.append(field);
  }
}, true);

export function init(section) {
  const form = $("[data-words]", section);
  const category = $("#em-category", section);
  category?.addEventListener("change", () => category.form.requestSubmit());
  if (!form) return;
  showPicked(form);
  section.addEventListener("focusin", () => showPicked(form));
  // The panel is given focus when it opens: the element is what is asked first.
  const ask = () => $("#kind", section)?.focus();
  section.addEventListener("focus", ask);
  if (document.activeElement === section) ask();
  const wrong = $(".summary", section);
  if (wrong) wrong.focus();
  // Who went on to another field while it was sent keeps it.
  else if (sending && form.id === "em-add" && (document.activeElement === document.body || section.contains(document.activeElement))) focusLine();
  sending = false;
}
