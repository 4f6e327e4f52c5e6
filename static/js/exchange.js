// A delivered review: findings by keyboard, their words in the note.  Forms are plain posts.
import { $, $$, say } from "./net.js";
import { on } from "./keymap.js";
import "./page.js";

const note = $("#note");

function current() {
  return document.activeElement?.closest?.(".fnd") || $(".fnd.on");
}

// The words of one finding stand out, the coder's and the reviewer's.
function show(finding) {
  const keys = finding.dataset.marks.split(" ");
  for (const one of $$(".fnd")) one.classList.toggle("on", one === finding);
  if (!note) return;
  note.classList.add("dim");
  const mine = $$("mark", note).filter((mark) => {
    const hit = mark.dataset.codes.split(" ").some((code) => keys.includes(code));
    mark.classList.toggle("on", hit);
    return hit;
  });
  const line = mine[0]?.closest(".ln");
  if (line) note.scrollTo({ top: line.offsetTop - note.clientHeight / 3 });
}

function go(finding) {
  if (!finding) return;
  finding.focus();
  finding.scrollIntoView({ block: "nearest" });
  show(finding);
}

function step(by) {
  const all = $$(".fnd");
  const at = all.indexOf(current());
  go(all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]);
}
on("findingnext", () => step(1));
on("findingprev", () => step(-1));

// Opens the form, or goes to the button: the answer itself is given with Enter, for it cannot be taken back.
function act(key) {
  const finding = current() || $(".fnd");
  const control = finding && $(`[data-key=${key}]`, finding);
  if (!control) return say("This finding does not wait for you");
  show(finding);
  const box = control.closest("details");
  if (!box) return control.focus();
  box.open = true;
  return ($("select, input:not([type=hidden]), textarea", box) || control).focus();
}
on("findingagree", () => act("y"));
on("findingagainst", () => act("b"));

document.addEventListener("click", (event) => {
  const tok = event.target.closest("[data-show]");
  if (tok) return show(tok.closest(".fnd"));
  const tag = event.target.closest(".evt, mark");
  const code = tag && (tag.dataset.code || tag.dataset.codes.split(" ")[0]);
  if (code) return go($(`.fnd[data-finding="${code.replace("c", "")}"]`));
  const chip = event.target.closest(".fnd a.cite[href^='#L']");
  const line = chip && document.getElementById(chip.hash.slice(1));
  if (!line) return undefined;
  event.preventDefault();
  show(chip.closest(".fnd"));
  note.scrollTo({ top: line.offsetTop - note.clientHeight / 3 });
  if (matchMedia("(max-width: 1000px)").matches) line.scrollIntoView({ block: "center" });
  return $("a", line)?.focus({ preventScroll: true });
});
const first = location.hash.startsWith("#f") ? $(location.hash) : null;
if (first?.matches(".fnd")) go(first);
else if ($("#summary")) { show($("#summary").closest(".fnd") || $(".fnd")); $("#summary").focus(); }
