// Building an ICD-10-PCS code: each character typed asks for the next axis; a character that no row of the
// tables allows is taken back.  The whole code is added with the words selected in the note.
import { $, $$, request, say } from "./net.js";
import { current } from "./select.js";
import { send } from "./codes.js";

let kept = ""; // the characters so far, when the panel is drawn anew
let asked = null; // the question under way
let enter = false; // Enter was pressed before the answer came

const box = () => $("#pcs-code");
const step = () => $("#pcs-step");
const buttons = () => $$("#pcs-values button");
const fence = () => document.body.dataset.fence;

function drawPick() {
  const words = current();
  const list = $("#pcs-picks");
  if (!list) return;
  const chip = document.createElement("li");
  if (words) {
    chip.append(Object.assign(document.createElement("span"), { className: "cite", textContent: words.label }),
      Object.assign(document.createElement("q"), { textContent: words.quote }));
  } else {
    chip.textContent = "No words of the note are selected: the code can be cited afterwards.";
  }
  list.replaceChildren(chip);
}

async function ask(prefix, { quiet = false } = {}) {
  asked?.abort();
  const mine = asked = new AbortController();
  kept = prefix;
  let answer;
  try {
    answer = await request($("#pcs").action, { prefix, fence: fence() }, mine.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    throw error;
  }
  if (asked !== mine || !answer.status) return;
  asked = null;
  if (!answer.ok) return say("The next characters could not be read. Reload the page.");
  const holder = document.createElement("template");
  holder.innerHTML = answer.html;
  step().replaceWith(holder.content.firstElementChild);
  kept = step().dataset.prefix;
  box().value = kept;
  if (!quiet) tell();
  if (enter) commit();
}

function tell() {
  const refused = $("#pcs-refused")?.textContent;
  const title = $("#pcs-title")?.textContent;
  say(refused || title || `${$("#pcs-axis").textContent}: ${buttons().length} values`);
}

function take(button) {
  box().value = button.value;
  box().focus();
  ask(button.value);
}

async function commit() {
  enter = false;
  if (asked) { enter = true; return; }
  if (!("whole" in step().dataset)) {
    const only = buttons();
    if (only.length === 1) return take(only[0]);
    return say($("#pcs-title") ? $(".warn-t", step()).textContent : `Not whole yet. Choose ${$("#pcs-axis").textContent}.`);
  }
  const form = $("#pcs-add");
  const fields = new FormData(form);
  fields.set("fence", fence());
  fields.delete("lines");
  const words = current();
  if (words) {
    fields.append("evidence", `${words.version}:${words.start}:${words.end}`);
    fields.append("quote", words.quote);
  }
  const before = kept;
  kept = ""; // the panel is drawn anew with the answer, and begins anew
  if (!(await send(form.action, fields))) kept = before;
  else box()?.focus();
}

function move(by) {
  const list = buttons();
  if (!list.length) return;
  const at = list.indexOf(document.activeElement);
  if (at < 0 && by < 0) return;
  if (at + by < 0) box().focus(); else list[Math.min(list.length - 1, at + by)].focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const inBox = event.target === box();
  const listed = !!event.target.closest("#pcs-values");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && inBox) {
    commit();
  } else if (!inBox && listed && event.key === "Backspace") {
    box().focus();
    ask(kept.slice(0, -1));
  } else if (!inBox && listed && /^[0-9a-z]$/i.test(event.key)) {
    box().focus();
    ask(kept + event.key);
  } else {
    return;
  }
  event.preventDefault();
}

export function init(section) {
  if (!box()) return;
  drawPick();
  box().addEventListener("input", () => { enter = false; ask(box().value); });
  box().addEventListener("focus", drawPick);
  section.addEventListener("focus", () => box().focus({ preventScroll: true }));
  section.addEventListener("keydown", onKey);
  section.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.submitter?.name === "pick") take(event.submitter); else commit();
  });
  if (kept) { box().value = kept; ask(kept, { quiet: true }); }
  if (section.contains(document.activeElement) || document.activeElement === document.body) box().focus({ preventScroll: true });
}
