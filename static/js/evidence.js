// Evidence both ways: a code shows its words, a word shows its code.  The active code dims the rest.
import { $, $$, say } from "./net.js";
import { on } from "./keymap.js";

const note = $("#note");
const KINDS = ["dx", "px", "sg", "qy"];
let active = "";
let at = -1;

export const activeCode = () => active;
// The line of the evidence that N and P came to; empty before.
export const steppedLine = () => (at < 0 ? "" : $$("mark.on", note)[at]?.closest(".ln").id || "");
export const activeRow = () => (active ? document.getElementById(`code-${active}`) : null);
// A row may stand for several marks (both sides of a review): data-marks names their keys.
const rowOf = (key) => document.getElementById(`code-${key}`) || $(`.code[data-marks~="${key}"]`);

function paint() {
  note?.classList.toggle("dim", !!active);
  for (const row of $$(".code")) {
    const on_ = row.dataset.code === active;
    row.classList.toggle("on", on_);
    $(".tok", row)?.setAttribute("aria-pressed", on_);
  }
  if (!note) return;
  $$(".ln.on", note).forEach((line) => line.classList.remove("on", ...KINDS));
  const lit = (activeRow()?.dataset.marks || active).split(" ");
  for (const mark of $$("mark", note)) {
    const on_ = !!active && mark.dataset.codes.split(" ").some((key) => lit.includes(key));
    mark.classList.toggle("on", on_);
    if (on_) mark.closest(".ln").classList.add("on", KINDS.find((kind) => mark.classList.contains(kind)));
  }
}

export function show(code, { scroll = true, toggle = true, quiet = false } = {}) {
  code = rowOf(code)?.dataset.code || code;
  active = toggle && code === active ? "" : code;
  at = -1;
  paint();
  if (!active) return quiet || say("All evidence shown");
  const row = activeRow();
  row?.scrollIntoView({ block: "nearest" });
  const lines = note ? $$(".ln.on", note) : [];
  if (scroll) lines[0]?.scrollIntoView({ block: "center" });
  if (!quiet && row) {
    const where = lines.length ? `Evidence on ${lines.map((line) => `line ${line.id.slice(1)}`).join(", ")}` : "No evidence in this document";
    say(`${active}, ${$(".cv", row).textContent.trim()}. ${where}`);
  }
}

function step(by) {
  const marks = note ? $$(active ? "mark.on" : "mark", note) : [];
  if (!marks.length) return say("No evidence here");
  at = at < 0 && by < 0 ? marks.length - 1 : (at + by + marks.length) % marks.length;
  marks[at].scrollIntoView({ block: "center" });
  ($(".evt", marks[at]) || marks[at].closest(".ln").firstElementChild).focus({ preventScroll: true });
  return say(marks[at].closest(".ln").id.replace("L", "Line "));
}

on("evnext", () => step(1));
on("evprev", () => step(-1));
on("dx", (digit) => (document.getElementById(`code-${digit}`) ? show(digit) : false));
on("px", (digit) => (document.getElementById(`code-S${digit}`) ? show(`S${digit}`) : false));
on("marks", () => {
  const off = note.classList.toggle("plain");
  $("[data-cmd=marks]").setAttribute("aria-pressed", !off);
  say(off ? "Evidence hidden" : "Evidence shown");
});

document.addEventListener("click", (event) => {
  const tok = event.target.closest(".code .tok");
  if (tok) return show(tok.closest(".code").dataset.code);
  const tag = event.target.closest(".evt");
  if (tag) return show(tag.dataset.code, { scroll: false });
  const mark = event.target.closest("mark");
  if (mark && getSelection().isCollapsed) return show(mark.dataset.codes.split(" ")[0], { scroll: false });
  const chip = event.target.closest("a.cite[href^='#L']");
  if (chip) {
    event.preventDefault();
    const row = chip.closest(".code");
    if (row) show(row.dataset.code, { toggle: false, quiet: true, scroll: false });
    const line = document.getElementById(chip.hash.slice(1));
    line?.scrollIntoView({ block: "center" });
    document.body.dataset.pane = "note";
    $("a", line)?.focus({ preventScroll: true });
  }
});

// After a change: the lines with evidence come one by one; a marked line that did not come has none left.
document.addEventListener("swap:lines", (event) => {
  const kept = new Set();
  for (const fresh of [...event.detail.children]) {
    kept.add(fresh.id);
    document.getElementById(fresh.id)?.replaceWith(fresh);
  }
  for (const line of $$(".ln.has", note)) {
    if (kept.has(line.id)) continue;
    line.classList.remove("has");
    const text = $("p, h2", line);
    $$(".evt", text).forEach((tag) => tag.remove());
    text.replaceChildren(text.textContent);
  }
});
document.addEventListener("swap:done", (event) => {
  if (event.detail.active) active = event.detail.active;
  if (active && !document.getElementById(`code-${active}`)) active = "";
  paint();
});
