// The Query panel: Q turns the selected words into an indicator, the lint answers as one types, each finding
// leads to its words.  What is typed is kept when one goes on to the note or to another document.
import { $, $$, request, say } from "./net.js";
import { current, focusLine, lineCount, rangeOf, textOf } from "./select.js";
import { send } from "./codes.js";

const WAIT = 450; // of the lint after the last key
let form = null; // that of the draft shown
let dirty = false;
let saving = null; // a save under way
let timer = 0;
let turn = 0; // of linting: an answer that comes after the next one is out of date
let last = ""; // the words that went in with the last Q
let toForm = ""; // what the next panel was asked for with, from inside its form
let again = ""; // the field that had the form drawn anew

const place = (item) => `${item.version}:${item.start}:${item.end}`;
const points = (text, count) => [...text].slice(0, count).join("").length;

// ------------------------------------------------------------------ Q and the button that does the same
export async function pressed(section) {
  const item = current();
  const prior = $("[data-prior]", section);
  if (prior) {
    if (!item) return say("Select words in the note first.");
    $("[name=relevance]", prior).focus();
    return say(`${item.label}, ${item.quote}. Say why this earlier visit matters now.`);
  }
  const target = $("#q-form", section) || $("#q-begin", section);
  if (!target) return say($(".empty", section)?.textContent || "");
  if (!item || (target.id === "q-form" && place(item) === last)) {
    ($("#q-title[name]", section) || $("#q-form summary, #q-begin button", section)).focus();
    return item ? undefined : say("No words are selected in the note.");
  }
  toForm = "";
  await add(target, item);
  focusLine();
  return undefined;
}
async function add(target, item) {
  await saving; // both change the draft: one after the other
  const fields = new FormData(target);
  fields.set("act", "cite");
  if (item) {
    fields.set("evidence", place(item));
    fields.set("quote", item.quote);
  }
  clean();
  const ok = await send(target.action, fields);
  if (ok && item) last = place(item);
  if (!ok) $("#tool .summary")?.focus();
}

// The words selected now go with the forms that take some.
document.addEventListener("submit", (event) => {
  const target = event.target;
  if (!target.matches("#q-begin, [data-prior], #q-form")) return;
  const act = event.submitter?.value || "";
  if (target.id === "q-form") { toForm = act; clean(); }
  if (target.id === "q-form" && act !== "cite") return;
  for (const old of $$("[data-word]", target)) old.remove();
  const item = current();
  if (!item) return;
  for (const [name, value] of [["evidence", place(item)], ["quote", item.quote]]) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    field.dataset.word = "";
    target.append(field);
  }
  last = place(item);
}, true);

// ------------------------------------------------------------------ lint as one types
function clean() {
  clearTimeout(timer);
  turn += 1;
  dirty = false;
}
function typed() {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(check, WAIT);
  mark();
}
async function check() {
  const mine = turn += 1, asked = form;
  const answer = await request(asked.dataset.lint, new FormData(asked));
  if (mine !== turn || asked !== form || !answer.ok) return;
  const box = document.createElement("template");
  box.innerHTML = answer.html;
  const before = $("#q-verdict").textContent.trim();
  for (const fresh of [...box.content.children]) {
    const old = document.getElementById(fresh.id);
    // Who is writing a reason keeps the field they are in.
    if (old && !old.contains(document.activeElement)) old.replaceWith(fresh);
  }
  mark();
  const now = $("#q-verdict").textContent.trim();
  if (now !== before) say(now);
}

// Marks under the words of the question, and beside the fields that a finding means.
function mark() {
  const body = $("#q-body", form), layer = $("#q-marks", form);
  const rows = $$("#q-lint li", form);
  for (const field of $$("input[aria-describedby=q-verdict], textarea", form)) {
    const hit = rows.some((row) => row.dataset.target === field.id && row.classList.contains("bad"));
    field.classList.toggle("qy-hit", hit);
  }
  const text = body.value ?? body.textContent;
  const spots = rows.filter((row) => row.dataset.target === "q-body" && +row.dataset.end > +row.dataset.start)
    .map((row) => [points(text, +row.dataset.start), points(text, +row.dataset.end), row.className])
    .sort((a, b) => a[0] - b[0]);
  const parts = [];
  let at = 0;
  for (const [start, end, tone] of spots) {
    if (start < at || end > text.length || end - start === text.length) continue;
    const hit = Object.assign(document.createElement("mark"), { className: tone, textContent: text.slice(start, end) });
    parts.push(text.slice(at, start), hit);
    at = end;
  }
  if (!layer) return body.replaceChildren(...parts, text.slice(at)); // a template's words
  layer.replaceChildren(...parts, `${text.slice(at)}\n`);
  layer.scrollTop = body.scrollTop;
  return undefined;
}

// The indicators where they stand in the note, for as long as their draft is open.
function paint() {
  if (!CSS.highlights) return;
  CSS.highlights.delete("asked");
  if (!form?.isConnected || form.closest("[hidden]")) return;
  const ranges = [];
  for (const { dataset } of $$(".qy-inds li", form)) {
    const [version, start, end] = dataset.at.split(":");
    if (version !== $("#note")?.dataset.version) continue;
    for (let index = 0; index < lineCount(); index += 1) {
      const text = textOf(index), first = +$$("#note .ln")[index].dataset.s;
      const from = Math.max(0, start - first), to = Math.min([...text].length, end - first);
      if (from < to) ranges.push(rangeOf(index, points(text, from), points(text, to)));
    }
  }
  if (!ranges.length) return;
  const asked = new Highlight(...ranges);
  asked.priority = -1; // what is selected now is seen above it
  CSS.highlights.set("asked", asked);
}
document.addEventListener("swap:done", () => setTimeout(paint));

function jump(link) {
  const { target, start, end } = link.closest("li").dataset;
  const field = document.getElementById(target);
  if (!field) return;
  if (field.tagName === "DETAILS") field.open = true;
  field.scrollIntoView({ block: "center" });
  (field.tagName === "DETAILS" ? $("summary", field) : field).focus();
  if (field.setSelectionRange && +end > +start) field.setSelectionRange(points(field.value, +start), points(field.value, +end));
}

// ------------------------------------------------------------------ nothing typed is lost
function keep() {
  if (!dirty || !form?.isConnected) return saving;
  const fields = new FormData(form);
  fields.set("act", "save");
  dirty = false;
  saving = request(form.action, fields).then((answer) => {
    saving = null;
    if (!answer.ok) dirty = true;
    return answer.ok;
  });
  return saving;
}
document.addEventListener("net:down", () => { if (form?.isConnected) dirty = true; });
// Other documents open as pages: first what was typed is kept, and the panel stays open beside them.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".doc .tabs a");
  if (!link || !form?.isConnected || form.closest("[hidden]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const to = `${form.dataset.panel}${new URL(link.href).search}`;
  Promise.resolve(keep()).then(() => location.assign(to));
});
addEventListener("pagehide", () => {
  if (!dirty || !form?.isConnected) return;
  const fields = new FormData(form);
  fields.set("act", "save");
  navigator.sendBeacon(form.action, new URLSearchParams(fields));
});

// ------------------------------------------------------------------ the panel
function filter(find, list) {
  const all = $$("optgroup", list);
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let first = null;
    for (const group of all) {
      let some = false;
      for (const option of $$("option", group)) {
        const text = `${option.textContent} ${option.dataset.words} ${group.label}`.toLowerCase();
        option.hidden = !words.every((word) => text.includes(word));
        option.disabled = option.hidden;
        some ||= !option.hidden;
        if (!option.hidden) first ||= option;
      }
      group.hidden = !some;
    }
    list.value = words.length && first ? first.value : "";
    if (words.length) say(first ? first.textContent : "No template has these words.");
  });
  const use = $("[value=template]", form);
  for (const field of [find, list]) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); if (list.value) form.requestSubmit(use); }
      if (event.key === "ArrowDown" && field === find) { event.preventDefault(); list.focus(); }
    });
  }
  list.addEventListener("dblclick", () => list.value && form.requestSubmit(use));
}

function showPicked(section) {
  const item = current();
  const at = $("[data-picked]", section);
  if (at) at.textContent = item ? `${item.label}: “${item.quote}”` : "No words are selected in the note.";
}

export function init(section) {
  form = $("#q-form", section);
  dirty = false;
  showPicked(section);
  section.addEventListener("focusin", () => showPicked(section));
  paint();
  if (!form) return settle(section);
  section.dataset.keep = "";
  const draft = form;
  mark();
  const find = $("#q-tplfind", draft);
  if (find) filter(find, $("#template", draft));
  draft.addEventListener("input", (event) => {
    if (event.target.matches("#q-tplfind, #template, #provider_words")) return;
    typed();
    // Another kind has other fields: the form is drawn anew with what was typed.
    if (event.target.name === "kind") again = ".qy-kinds :checked";
    else if (event.target.name === "verbal") again = "[name=verbal]";
    else return;
    draft.requestSubmit($("#q-save", draft));
  });
  $("textarea#q-body", draft)?.addEventListener("scroll", (event) => { $("#q-marks").scrollTop = event.target.scrollTop; });
  draft.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump]");
    if (link) { event.preventDefault(); jump(link); }
  });
  draft.addEventListener("focusout", (event) => { if (!draft.contains(event.relatedTarget)) keep(); });
  section.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      draft.requestSubmit($("#q-send", draft));
    }
    if (event.key === "Escape") { keep(); setTimeout(paint); }
  });
  return settle(section);
}

// Where the focus goes when the panel was drawn anew: to what is wrong, or to what was asked for.
function settle(section) {
  const act = toForm, redrawn = again;
  toForm = "";
  again = "";
  const wrong = $(".summary", section);
  if (wrong) return wrong.focus();
  if (!act) return undefined;
  if (act === "preview") { $("#q-preview")?.scrollIntoView({ block: "start" }); return $("#q-preview")?.focus(); }
  if (act === "option") return $$(".qy-opts input.in", section).find((field) => !field.value)?.focus();
  if (act === "template") return ($("[name^=tf-]", section) || $("#q-body", section))?.focus();
  if (act === "provider") return $("#provider", section)?.focus();
  if (act.startsWith("link:")) return $(`[value="${CSS.escape(act)}"]`, section)?.focus();
  if (act.startsWith("drop:")) return $("#q-indicators", section).focus();
  if (act.startsWith("drop-option:")) return $("#q-options", section).focus();
  if (act === "cite") return $("[value=cite]", section)?.focus();
  if (act === "freely") return $("#q-body", section)?.focus();
  if (redrawn) return $(redrawn, section)?.focus();
  return ($("#q-save", section) || section).focus();
}
