// Palette and key sheet: fetched when first used, built from the same table as the listener.
import { $, $$, say } from "./net.js";
import { can, caps, commands, run, singlesOff } from "./keymap.js";

const sprite = document.body.dataset.sprite;
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const NS = "http://www.w3.org/2000/svg";
function icon(name) {
  const svg = document.createElementNS(NS, "svg"), use = document.createElementNS(NS, "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
const keycaps = (key) => make("span", { className: "kbds" }, ...caps(key).map((cap) => make("kbd", { textContent: cap })));
const shown = (key) => key && !(singlesOff && !/mod|alt|arrow/.test(key));

// ------------------------------------------------------------------ what can be chosen
function lineItem(query) {
  const number = query.match(/^l\s*(\d+)$/i)?.[1];
  const line = number && document.getElementById(`L${number}`);
  return line ? [{ group: "Note", text: `Go to line ${number}`, icon: "arrow-right", go: () => { location.hash = ""; location.hash = line.id; } }] : null;
}
function everything() {
  const acts = commands.filter((c) => c.palette && c.id !== "palette" && can(c.id))
    .map((c) => ({ group: c.group, text: c.label, key: c.key, icon: c.icon, go: () => run(c.id) }));
  const codes = $$(".code").map((row) => ({ group: "Codes in this chart", text: `${$(".cv", row).textContent.trim()}  ${$(".ds", row).textContent}`, icon: "square-check", go: () => $(".tok", row).click() }));
  const charts = $$(".wl-item a").filter((link) => !link.ariaCurrent).map((link) => ({ group: "Charts", text: $(".nm", link).textContent, hint: $(".meta", link).textContent, icon: "file-text", go: () => link.click() }));
  const rows = $$(".rowlk").map((link) => ({ group: "Rows", text: link.textContent.trim(), icon: "arrow-right", go: () => link.focus() }));
  const places = $$(".nav a, .tenants a").map((link) => ({ group: "Go to", text: link.textContent.trim(), icon: "building-2", go: () => location.assign(link.href) }));
  return [...codes, ...acts, ...charts, ...rows, ...places];
}
function items(query) {
  const line = lineItem(query);
  if (line) return line;
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  const all = everything();
  if (!parts.length) return all.slice(0, 40);
  return all.filter((item) => parts.every((part) => `${item.text} ${item.hint || ""}`.toLowerCase().includes(part))).slice(0, 40);
}

// ------------------------------------------------------------------ combobox with a listbox (ARIA practices)
let dialog, box, list, options = [], at = -1;
function build() {
  box = make("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: "Command, code, chart, or L 24 for a line" });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": "pal-list", "aria-autocomplete": "list", "aria-label": "Command, code, chart or line" })) box.setAttribute(name, value);
  list = make("div", { id: "pal-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Results");
  const hint = (key, text) => make("span", {}, keycaps(key), ` ${text}`);
  dialog = make("dialog", { className: "palette" }, make("div", { className: "q" }, icon("search"), box), list,
    make("footer", {}, hint("arrowup", "move"), hint("enter", "run"), hint("escape", "close")));
  dialog.setAttribute("aria-label", "Commands");
  document.body.append(dialog);
  box.addEventListener("input", draw);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose((at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    else if (event.key === "Enter") commit(options[at]); else return;
    event.preventDefault();
  });
}
function draw() {
  let group = "";
  options = items(box.value.trim());
  list.replaceChildren(...options.flatMap((item, index) => {
    item.element = make("div", { className: "opt", id: `po-${index}` }, icon(item.icon), make("span", { textContent: item.text }));
    item.element.setAttribute("role", "option");
    if (item.hint) item.element.append(make("span", { className: "hint", textContent: item.hint }));
    if (shown(item.key)) item.element.append(keycaps(item.key));
    item.element.addEventListener("click", () => commit(item));
    const heading = item.group === group ? [] : [Object.assign(make("div", { className: "grp", textContent: item.group }), { role: "presentation" })];
    group = item.group;
    return [...heading, item.element];
  }));
  if (!options.length) list.append(make("div", { className: "grp", textContent: `Nothing matches “${box.value}”.` }));
  choose(options.length ? 0 : -1);
}
function choose(index) {
  at = index;
  options.forEach((item, i) => item.element.setAttribute("aria-selected", i === at));
  if (at < 0) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", options[at].element.id);
  options[at].element.scrollIntoView({ block: "nearest" });
}
function commit(item) {
  if (!item) return;
  dialog.close();
  setTimeout(item.go);
}
export function open(seed = "") {
  if (!dialog) build();
  if (!dialog.open) dialog.showModal();
  box.value = seed;
  draw();
  box.focus();
}

// ------------------------------------------------------------------ the sheet
export function sheet() {
  const groups = [...new Set(commands.map((c) => c.group))];
  const section = (group) => make("section", {}, make("h3", { textContent: group }), make("dl", {},
    ...commands.filter((c) => c.group === group && c.key && can(c.id)).map((c) => make("div", {}, make("dt", { textContent: c.label }), make("dd", {}, keycaps(c.key))))));
  const close = make("button", { type: "button", className: "iconbtn" }, icon("x"));
  close.setAttribute("aria-label", "Close");
  const about = make("p", { className: "muted" }, singlesOff ? "Single keys are turned off. " : "Single keys can be turned off or changed in ",
    make("a", { className: "lk", href: "/preferences/", textContent: "Preferences" }));
  const box_ = make("dialog", { className: "keys" }, make("header", {}, make("h2", { id: "keys-h", textContent: "Keyboard" }), about, close),
    make("div", { className: "cols" }, ...groups.map(section).filter((s) => $("dt", s))));
  box_.setAttribute("aria-labelledby", "keys-h");
  close.addEventListener("click", () => box_.close());
  box_.addEventListener("close", () => box_.remove());
  document.body.append(box_);
  box_.showModal();
  say("Keyboard sheet");
}
