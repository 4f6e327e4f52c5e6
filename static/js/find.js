// Find words of the note; Enter takes the match as evidence and opens the code box filled with its words.
import { $, say } from "./net.js";
import { on } from "./keymap.js";
import { focusLine, lineCount, pickWords, rangeOf, textOf } from "./select.js";
import { open } from "./codes.js";

const bar = $("#find");
const box = $("#findbox");
let hits = [];
let at = 0;

// The phrase itself; failing that, lines that hold all its words, from the first to the last of them.
function search(query) {
  const wanted = query.trim().toLowerCase();
  if (wanted.length < 2) return [];
  const phrase = [], loose = [];
  const parts = wanted.split(/\s+/);
  for (let i = 0; i < lineCount(); i += 1) {
    const text = textOf(i).toLowerCase();
    if (text.length !== textOf(i).length) continue;
    for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) phrase.push([i, from, from + wanted.length]);
    const places = parts.map((part) => text.indexOf(part));
    if (parts.length > 1 && places.every((p) => p >= 0)) loose.push([i, Math.min(...places), Math.max(...places.map((p, n) => p + parts[n].length))]);
  }
  return phrase.length ? phrase : loose;
}

function draw() {
  CSS.highlights?.delete("find");
  if (hits.length && CSS.highlights) CSS.highlights.set("find", new Highlight(...hits.map((hit) => rangeOf(...hit))));
  const words = hits.length ? `${at + 1} of ${hits.length}, line ${lineNumber()}` : box.value.trim().length > 1 ? "Not in this note" : "";
  $("#find-n").textContent = words;
  if (hits.length) document.getElementById(`L${lineNumber()}`).scrollIntoView({ block: "center" });
  if (words) say(words);
}
const lineNumber = () => $("#note").querySelectorAll(".ln")[hits[at][0]].id.slice(1);

function close() {
  bar.hidden = true;
  CSS.highlights?.delete("find");
}

on("find", () => {
  bar.hidden = false;
  document.body.dataset.pane = "note";
  box.value = "";
  hits = [];
  draw();
  box.focus();
});
on("findclose", () => { close(); focusLine(); });

box?.addEventListener("input", () => { hits = search(box.value); at = 0; draw(); });
box?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const hit = hits[at];
    close();
    if (hit) pickWords(...hit); else focusLine();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits.length) {
    at = (at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length;
    draw();
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && hits.length) {
    const hit = hits[at];
    close();
    pickWords(...hit);
    open({ filled: true });
  } else {
    return;
  }
  event.preventDefault();
});
