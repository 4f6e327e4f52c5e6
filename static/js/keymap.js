// One listener over the table that coding_ops/web/keymap.py holds.  Letters alone are ignored while
// typing and can be turned off or exchanged (WCAG 2.1.4); Alt+letter and the browser's chords are never bound.
import { $ } from "./net.js";
import { CAPS, COMMANDS } from "./keytable.js";

const scope = document.body.dataset.scope || "";
const own = JSON.parse(document.body.dataset.keys || "{}");
const handlers = new Map();
let prefix = "";
let timer = 0;

export const commands = COMMANDS
  .filter(([, scopes]) => !scopes.length || scopes.includes(scope))
  .map(([id, , group, key, label, icon, palette]) => ({ id, group, key: own.map?.[id] || key, label, icon, palette }));

export const caps = (key) => key.split(" ").flatMap((chord) => (chord.length > 1 ? chord.split("+") : [chord]))
  .map((part) => CAPS[part] || part.toUpperCase());
export const singlesOff = !!own.off;
export const on = (id, handler) => handlers.set(id, handler);
export const can = (id) => handlers.has(id);
export const run = (id, argument, event) => handlers.get(id)?.(argument, event);

export const typing = (element) => !!element?.closest?.(
  "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable=true]");

function chord(event) {
  const key = event.key.toLowerCase();
  const named = key.length > 1 || /[a-z]/.test(key);
  return (event.ctrlKey || event.metaKey ? "mod+" : "") + (event.altKey ? "alt+" : "")
    + (event.shiftKey && named ? "shift+" : "") + key;
}

function find(pressed) {
  const digit = /^[1-9]$/.test(pressed.slice(-1)) && (pressed.length === 1 || pressed.at(-2) === " ");
  const wanted = digit ? `${pressed.slice(0, -1)}1-9` : pressed;
  const command = commands.find((c) => c.key === wanted && handlers.has(c.id));
  return command && { id: command.id, argument: digit ? pressed.slice(-1) : undefined };
}

function reset() { prefix = ""; clearTimeout(timer); }

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const pressed = chord(event);
  const plain = !/^(mod|alt)\+/.test(pressed);
  if ($("dialog[open]") || (plain && typing(event.target))) return reset();
  if (plain && singlesOff && !pressed.includes("arrow")) return reset();
  const hit = find(prefix ? `${prefix} ${pressed}` : pressed);
  const starts = !prefix && plain && commands.some((c) => c.key.startsWith(`${pressed} `));
  reset();
  if (hit) {
    if (run(hit.id, hit.argument, event) !== false) event.preventDefault();
  } else if (starts) {
    prefix = pressed;
    timer = setTimeout(reset, 1500);
  }
});

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-cmd]");
  if (!control || !handlers.has(control.dataset.cmd)) return;
  event.preventDefault();
  run(control.dataset.cmd, undefined, event);
});
