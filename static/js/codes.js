// Codes: search and assign with the selection as evidence, cite, edit inline, order, remove, undo, finalize.
import { $, $$, request, say, swap, toast } from "./net.js";
import { on } from "./keymap.js";
import { current, focusLine } from "./select.js";
import { activeCode, activeRow, show } from "./evidence.js";

const form = $("#add");
const box = $("#codefind");
const list = $("#hits");
let kept = []; // evidence kept with E for the next code
let picked = null; // the selection when the box was opened
let hits = [];
let at = -1;
let search = null; // the search under way: {timer, abort}
let typed = false; // an Enter before the answer counts only for words the coder typed
let commitWhenReady = false;

const fence = () => document.body.dataset.fence;
const same = (a, b) => a.start === b.start && a.end === b.end && a.version === b.version;
const evidence = () => (picked && !kept.some((e) => same(e, picked)) ? [...kept, picked] : kept);

function drawPicks() {
  $("#picks").replaceChildren(...evidence().map((item) => {
    const chip = document.createElement("li");
    const label = Object.assign(document.createElement("span"), { className: "cite", textContent: item.label });
    const quote = Object.assign(document.createElement("q"), { textContent: item.quote });
    const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    drop.setAttribute("aria-label", `Leave out ${item.label}`);
    drop.addEventListener("click", () => {
      kept = kept.filter((e) => !same(e, item));
      if (picked && same(picked, item)) picked = null;
      drawPicks();
      box.focus();
    });
    chip.append(label, quote, drop);
    return chip;
  }));
}

export function open({ filled = false } = {}) {
  if (!form) return false;
  picked = current();
  drawPicks();
  document.body.dataset.pane = "codes";
  box.value = filled && picked ? picked.quote.slice(0, 120) : "";
  typed = false;
  box.focus();
  box.select();
  lookUp(0);
  say(picked ? `Add a code. Evidence: ${picked.label}, ${picked.quote}` : "Add a code. No evidence chosen yet.");
  return true;
}

// ------------------------------------------------------------------ search (the words go in the body, not the address)
function stop() {
  clearTimeout(search?.timer);
  search?.abort.abort();
  search = null;
}
function lookUp(wait = 90) {
  stop();
  const words = box.value.trim();
  if (words.length < 2) return drawHits("");
  const mine = search = { abort: new AbortController() };
  mine.timer = setTimeout(async () => {
    try {
      const answer = await request(form.dataset.search, { q: words, fence: fence() }, mine.abort.signal);
      if (search !== mine) return;
      search = null;
      drawHits(answer.ok ? answer.html : "");
      if (!answer.ok && answer.status) swap(answer.html);
      if (commitWhenReady) commit();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }, wait);
}
function drawHits(html) {
  list.innerHTML = html;
  hits = $$("[role=option]", list);
  list.hidden = !html;
  box.setAttribute("aria-expanded", !!hits.length);
  choose(hits.findIndex((hit) => !hit.ariaDisabled));
  if (!html) commitWhenReady = false;
}
function choose(index) {
  at = index;
  hits.forEach((hit, i) => hit.setAttribute("aria-selected", i === at));
  if (at < 0) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", hits[at].id);
  hits[at].scrollIntoView({ block: "nearest" });
}

function commit() {
  commitWhenReady = false;
  const hit = hits[at];
  if (!hit) return say("No code is chosen");
  if (hit.getAttribute("aria-disabled") === "true") return say($(".badge", hit).textContent);
  if (hit.dataset.expand) {
    box.value = hit.dataset.expand;
    return lookUp(0);
  }
  if (hit.dataset.cite) return assign(hit.dataset, hit.dataset.cite);
  if (!hit.dataset.code) {
    if (!activeRow()) return say("Choose the code to change first: 1 to 9, or S and 1 to 9.");
    return assign(hit.dataset, activeRow().dataset.href);
  }
  return assign(hit.dataset, form.action);
}
async function assign({ code, system, modifiers, units, pointers, poa }, url) {
  const fields = new FormData(form);
  fields.delete("q");
  fields.delete("lines");
  for (const [name, value] of Object.entries({ code, system, modifiers, units, pointers, poa })) if (value) fields.set(name, value);
  for (const item of evidence()) {
    fields.append("evidence", `${item.version}:${item.start}:${item.end}`);
    fields.append("quote", item.quote);
  }
  if (await send(url, fields)) {
    kept = [];
    leave();
  }
}
function leave() {
  stop();
  picked = null;
  box.value = "";
  drawHits("");
  drawPicks();
  document.body.dataset.pane = "note";
  clearError();
  focusLine();
}
const clearError = () => { $("#add-error").replaceChildren(); box.removeAttribute("aria-invalid"); };

box?.addEventListener("input", () => { typed = true; commitWhenReady = false; clearError(); lookUp(); });
box?.addEventListener("focus", () => { if (!$("#picks li")) drawPicks(); });
// The code book opens beside the chart, which stays as it is.
function openBook(element) {
  if (!element?.dataset.book) return false;
  window.open(element.dataset.book, "_blank", "noopener");
  return true;
}
box?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (hits.length) choose((at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length);
  } else if (event.key === "Enter") {
    if (search) commitWhenReady = typed; else commit();
  } else if (event.key === "F2") {
    if (!openBook(hits[at])) return;
  } else if (event.key === "Escape") {
    if (list.hidden) leave(); else drawHits("");
  } else {
    return;
  }
  event.preventDefault();
});
list?.addEventListener("mousedown", (event) => event.preventDefault());
list?.addEventListener("click", (event) => {
  const hit = event.target.closest("[role=option]");
  if (hit && event.altKey && openBook(hit)) return;
  if (hit) { choose(hits.indexOf(hit)); commit(); }
});
form?.addEventListener("submit", (event) => { event.preventDefault(); if (search) commitWhenReady = true; else commit(); });

// ------------------------------------------------------------------ every change goes through here
export async function send(url, fields) {
  const body = fields instanceof FormData ? fields : Object.entries({ fence: fence(), ...fields });
  document.body.setAttribute("aria-busy", "true");
  const answer = await request(url, body);
  document.body.removeAttribute("aria-busy");
  if (answer.next) await request(answer.next, {}); // final: on to the next chart
  if (answer.next || answer.leaving || !answer.status) return false;
  $("#refusal")?.remove();
  const told = swap(answer.html);
  if (answer.ok) {
    $("#code-n")?.replaceChildren($("#cp-list").dataset.count);
    if (told.undo) toast(told.say, true);
  } else {
    ($("#blockers.blockers") || $(".panel .summary") || $("#refusal"))?.focus();
    if ($("#add-error .err")) { box.setAttribute("aria-invalid", "true"); box.focus(); }
  }
  return answer.ok;
}

on("add", () => open());
on("cite", async () => {
  const item = current();
  if (!item) return say("Select words first: arrow keys move the line cursor, W and B the words.");
  const row = activeRow();
  if (row) {
    await send(`${row.dataset.href}cite/`, { evidence: `${item.version}:${item.start}:${item.end}`, quote: item.quote });
    return focusLine();
  }
  if (!kept.some((e) => same(e, item))) kept.push(item);
  drawPicks();
  return say(`${item.label} kept as evidence for the next code. Press C to choose it.`);
});

async function edit(href, focus) {
  const place = `.code[data-href="${CSS.escape(href)}"]`;
  let row = $(place);
  if (!row) return location.assign(href);
  const open_ = $("#panel");
  if (open_) { open_.remove(); if (row.contains(open_)) return $(".tok", row).focus(); }
  const answer = await request(href);
  if (!answer.ok) return answer.status && swap(answer.html);
  document.body.dataset.pane = "codes";
  const holder = document.createElement("template");
  holder.innerHTML = answer.html;
  row = $(place); // it may have been drawn anew meanwhile
  if (!row) return say("The code is no longer on the chart.");
  row.append(holder.content);
  show(row.dataset.code, { toggle: false, quiet: true, scroll: false });
  ($(focus, row) || $("#panel input:not([type=hidden])", row)).focus();
  return $("#panel").scrollIntoView({ block: "nearest" });
}
on("book", () => { if (!openBook(activeRow())) say("Choose a code first: 1 to 9, or S and 1 to 9."); });
const needsCode = (act) => () => (activeRow() ? act(activeRow()) : say("Choose a code first: 1 to 9, or S and 1 to 9."));
on("edit", needsCode((row) => edit(row.dataset.href, "#mods, #poa, #exception")));
on("remove", needsCode((row) => edit(row.dataset.href, "#reason")));
on("moveup", needsCode((row) => send(`${row.dataset.href}move/`, { to: "up" })));
on("movedown", needsCode((row) => send(`${row.dataset.href}move/`, { to: "down" })));
if ($("[data-tool=pcs]")) on("poa", needsCode(async (row) => (await import("./poa.js")).ask(row, send)));
const finding = (act) => async (...given) => (await import("./edits.js"))[act](...given);
on("fixnext", () => finding("step")(1));
on("fixprev", () => finding("step")(-1));
on("override", () => finding("override")());
on("undo", () => ($("#undo") ? $("#undo").requestSubmit() : say("Nothing to undo")));
on("finalize", () => $("#finalize")?.requestSubmit() ?? say("This chart cannot be finalized from here."));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-edit], a[data-override-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.matches("[data-edit]")) edit(link.getAttribute("href")); else finding("override")(link);
});
document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && event.target.closest?.("#panel");
  if (panel) { const row = panel.closest(".code"); panel.remove(); $(".tok", row).focus(); event.preventDefault(); }
});
document.addEventListener("submit", async (event) => {
  const target = event.target;
  if (!target.matches("[data-change], #undo, #finalize")) return;
  event.preventDefault();
  const key = target.closest(".code")?.dataset.code;
  const ok = await send(target.action, new FormData(target, event.submitter));
  if (ok && target.id === "undo") $("#toast").hidden = true;
  if (ok && key) (document.getElementById(`code-${activeCode() || key}`)?.querySelector(".tok") || box)?.focus();
});
document.addEventListener("click", (event) => { if (event.target.closest("#toast [data-cmd=undo]")) $("#toast").hidden = true; });
