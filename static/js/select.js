// Selection in the note, by mouse and by keyboard alone, as Unicode code points of the document version.
// A line's element T<n> holds exactly the line's text, plus .evt tags that do not count.
import { $, $$, say } from "./net.js";
import { on } from "./keymap.js";

const note = $("#note");
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:(?:(?<=\d)[.,:](?=\d)|[/'’\-–](?=[\p{L}\p{N}]))[\p{L}\p{N}\p{M}]+)*%?/gu;
const ids = note ? $$(".ln", note).map((line) => line.id) : [];
const texts = new Map();
let wordList = null;
// {mode: "line" | "word", a, h}: indexes of ids or words; a mouse selection is {mode: "free", at: [line, from, line, to]}.
let state = null;
let extending = false;

const line = (index) => document.getElementById(ids[index]);
const body = (element) => $("p, h2", element);

export function textOf(index) {
  if (!texts.has(index)) {
    const copy = body(line(index)).cloneNode(true);
    $$(".evt", copy).forEach((tag) => tag.remove());
    texts.set(index, copy.textContent);
  }
  return texts.get(index);
}
export const lineCount = () => ids.length;
export const indexOf = (id) => ids.indexOf(id);

export function words() {
  wordList ||= ids.flatMap((_, index) => [...textOf(index).matchAll(WORD)].map((m) => ({ line: index, from: m.index, to: m.index + m[0].length })));
  return wordList;
}

// [first line, offset, last line, offset], UTF-16 within each line; null without a selection.
function span() {
  if (!state) return null;
  if (state.mode === "free") return state.at;
  const [low, high] = state.a <= state.h ? [state.a, state.h] : [state.h, state.a];
  if (state.mode === "word") return [words()[low].line, words()[low].from, words()[high].line, words()[high].to];
  const first = textOf(low), last = textOf(high);
  return [low, first.length - first.trimStart().length, high, last.trimEnd().length];
}

const points = (text) => [...text].length;

// What the server is asked to cite: {start, end, quote, label, lines}; offsets in code points of the version.
export function current() {
  const at = span();
  if (!at) return null;
  const [l1, o1, l2, o2] = at;
  const start = +line(l1).dataset.s + points(textOf(l1).slice(0, o1));
  const end = +line(l2).dataset.s + points(textOf(l2).slice(0, o2));
  if (end <= start) return null;
  const quote = l1 === l2 ? textOf(l1).slice(o1, o2)
    : [textOf(l1).slice(o1), ...ids.slice(l1 + 1, l2).map((_, i) => textOf(l1 + 1 + i)), textOf(l2).slice(0, o2)].join("\n");
  const label = ids[l1] === ids[l2] ? ids[l1] : `${ids[l1]}–${ids[l2]}`;
  return { version: note.dataset.version, start, end, quote, label, whole: state.mode === "line" };
}

// A DOM range over offsets of one or two lines, .evt tags left out.
function range(l1, o1, l2, o2) {
  const result = new Range();
  result.setStart(...place(l1, o1, false));
  result.setEnd(...place(l2, o2, true));
  return result;
}
function place(index, offset, isEnd) {
  const walker = document.createTreeWalker(body(line(index)), NodeFilter.SHOW_TEXT);
  let last = [body(line(index)), 0];
  for (let node; (node = walker.nextNode());) {
    if (node.parentElement.closest(".evt")) continue;
    if (offset < node.length || (isEnd && offset === node.length)) return [node, offset];
    offset -= node.length;
    last = [node, node.length];
  }
  return last;
}
export const rangeOf = (index, from, to) => range(index, from, index, to);

export function paint() {
  if (!note) return;
  $$(".ln.cur", note).forEach((element) => element.classList.remove("cur"));
  if (!state) return CSS.highlights?.delete("pick");
  const at = span();
  line(head()).classList.add("cur");
  if (state.mode === "free") return CSS.highlights?.delete("pick");
  if (CSS.highlights) CSS.highlights.set("pick", new Highlight(range(...at)));
  else getSelection().setBaseAndExtent(...place(at[0], at[1], false), ...place(at[2], at[3], true));
}
const head = () => (state.mode === "word" ? words()[state.h].line : state.mode === "free" ? state.at[2] : state.h);

export function focusLine() {
  if (!state) return note.focus({ preventScroll: true });
  const element = line(head());
  const link = $("a", element);
  link.setAttribute("aria-describedby", body(element).id);
  link.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

function move(next, quiet) {
  state = next;
  getSelection().removeAllRanges();
  paint();
  focusLine();
  if (!quiet && state.mode === "word") say(current().quote);
  return true;
}

export function goTo(index) { extending = false; return move({ mode: "line", a: index, h: index }); }
// The smallest run of whole words that covers [from, to) of a line; the line itself when it holds no word.
export function pickWords(index, from, to) {
  const inside = words().flatMap((w, i) => (w.line === index && w.from < to && w.to > from ? [i] : []));
  extending = false;
  return inside.length ? move({ mode: "word", a: inside[0], h: inside.at(-1) }, true) : goTo(index);
}
export const clear = () => { state = null; extending = false; paint(); };

const inNote = (event) => !event || event.target === document.body || !!event.target.closest?.(".doc, .pt, #main:focus") || event.target.id === "main";

function byLine(step, extend, event) {
  if (!inNote(event) || !ids.length) return false;
  if (!state) return goTo(firstVisible());
  const at = head();
  const next = Math.max(0, Math.min(ids.length - 1, at + step));
  if (!(extend || extending)) return goTo(next);
  const anchor = state.mode === "line" ? state.a : state.mode === "word" ? words()[state.a].line : state.at[0];
  return move({ mode: "line", a: anchor, h: next });
}
function firstVisible() {
  const top = note.getBoundingClientRect().top;
  return Math.max(0, ids.findIndex((id) => document.getElementById(id).getBoundingClientRect().bottom > top + 8));
}

function byWord(step, extend) {
  const list = words();
  if (!list.length) return false;
  if (!state) goTo(firstVisible());
  if (state.mode !== "word") {
    const index = head();
    const first = list.findIndex((w) => w.line >= index);
    return move({ mode: "word", a: first, h: first });
  }
  const next = Math.max(0, Math.min(list.length - 1, state.h + step));
  return move({ mode: "word", a: extend || extending ? state.a : next, h: next });
}

on("linedown", (_, event) => byLine(1, false, event));
on("lineup", (_, event) => byLine(-1, false, event));
on("extenddown", (_, event) => byLine(1, true, event));
on("extendup", (_, event) => byLine(-1, true, event));
on("word", () => byWord(1, false));
on("back", () => byWord(-1, false));
on("extendword", () => byWord(1, true));
on("extendback", () => byWord(-1, true));
on("range", () => {
  if (!state) goTo(firstVisible());
  extending = !extending;
  say(extending ? "Range started. The motions extend it." : "Range ended.");
});

// Mouse: a drag selects, a click moves the line cursor.  Both ends snap to whole visible characters.
function locate(container, offset) {
  const within = new Range();
  const holder = (container.nodeType === 1 ? container : container.parentElement).closest(".ln");
  const text = holder && body(holder);
  if (!text || !text.contains(container)) return null;
  within.setStart(text, 0);
  within.setEnd(container, offset);
  const copy = within.cloneContents();
  $$(".evt", copy).forEach((tag) => tag.remove());
  return [indexOf(holder.id), copy.textContent.length];
}
const MARK = /^[\p{M}\u200d\ufe0f]/u;
function snap(text, offset, step) {
  const splits = (at) => at > 0 && at < text.length && ((text.charCodeAt(at) & 0xfc00) === 0xdc00 || MARK.test(text.slice(at)) || text[at - 1] === "\u200d");
  while (splits(offset)) offset += step;
  return offset;
}
export function fromMouse() {
  const selection = getSelection();
  if (!note || selection.isCollapsed || !selection.rangeCount) return null;
  const chosen = selection.getRangeAt(0);
  const touched = ids.flatMap((id, index) => (chosen.intersectsNode(body(document.getElementById(id))) ? [index] : []));
  if (!touched.length || !note.contains(chosen.commonAncestorContainer)) return null;
  let [l1, l2] = [touched[0], touched.at(-1)];
  let o1 = locate(chosen.startContainer, chosen.startOffset)?.[1] ?? 0;
  let o2 = locate(chosen.endContainer, chosen.endOffset)?.[1] ?? textOf(l2).length;
  if (!locate(chosen.endContainer, chosen.endOffset) && chosen.endOffset === 0 && l2 > l1) { l2 -= 1; o2 = textOf(l2).length; }
  if (o1 >= textOf(l1).length && l1 < l2) { l1 += 1; o1 = 0; }
  if (o2 === 0 && l2 > l1) { l2 -= 1; o2 = textOf(l2).length; }
  const head1 = textOf(l1), tail = textOf(l2);
  o1 = snap(head1, o1, -1);
  o2 = snap(tail, o2, 1);
  while (o1 < head1.length && /\s/.test(head1[o1])) o1 += 1;
  while (o2 > 0 && /\s/.test(tail[o2 - 1])) o2 -= 1;
  return l1 < l2 || o1 < o2 ? [l1, o1, l2, o2] : null;
}
note?.addEventListener("mouseup", (event) => setTimeout(() => {
  const at = fromMouse();
  extending = false;
  if (at) { state = { mode: "free", at }; paint(); return; }
  const clicked = event.target.closest?.(".ln");
  if (clicked && !event.target.closest("a, button")) { const index = indexOf(clicked.id); state = { mode: "line", a: index, h: index }; paint(); }
}));
note?.addEventListener("click", (event) => {
  const number = event.target.closest(".ln > a");
  if (number) { event.preventDefault(); history.replaceState(null, "", `#${number.parentElement.id}`); goTo(indexOf(number.parentElement.id)); }
});
document.addEventListener("swap:done", paint);
