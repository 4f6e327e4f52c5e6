// Tools take the place of the code list beside the note.  Each is a page of its own address; here its panel
// alone is fetched.  A panel may name a module (data-module): its init(section) runs each time it is drawn.
import { $, $$, request, say, swap } from "./net.js";
import { on } from "./keymap.js";

const pane = $("#codes");
const tabs = $$("[data-tool]", pane).filter((element) => element.matches("a"));
let drawn = null;
let turn = 0; // of opening and closing: an answer that comes after the next one is out of date
const modules = new Map(); // those loaded: a panel drawn anew has its keys before the next key can be pressed

const tool = () => $("#tool");
export const openTool = () => pane.dataset.tool || "";

async function draw() {
  const section = tool();
  if (!section || section === drawn || section.hidden) return;
  drawn = section;
  const href = section.dataset.module;
  if (href && !modules.has(href)) {
    modules.set(href, await import(href));
    if (section !== tool() || section.hidden) return; // closed or replaced while its module came
  }
  if (href) modules.get(href).init?.(section);
  section.dataset.ready = "";
}

// The tools' styles come with the first panel: most charts are opened without one.
function styled() {
  const href = pane.dataset.style;
  if ($$("link[rel=stylesheet]").some((link) => link.getAttribute("href") === href)) return Promise.resolve();
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

function mark(key) {
  if (key) pane.dataset.tool = key; else delete pane.dataset.tool;
  for (const tab of tabs) {
    if (tab.dataset.tool === key) tab.ariaCurrent = "page"; else tab.removeAttribute("aria-current");
  }
}

export function close() {
  turn += 1; // also one that is still being fetched
  if (!openTool()) return;
  mark("");
  tool().hidden = true;
  drawn = null;
  say("Codes");
}

async function show(tab, { quiet } = {}) {
  const mine = turn += 1;
  const before = document.activeElement;
  const version = $("#note")?.dataset.version;
  const [answer] = await Promise.all([request(version ? `${tab.href}?version=${version}` : tab.href), styled()]);
  if (!answer.status || answer.leaving || mine !== turn) return;
  swap(answer.html);
  if (!answer.ok) return;
  mark(tab.dataset.tool);
  await draw();
  if (!quiet) {
    document.body.dataset.pane = "codes";
    // Who went on to another field meanwhile keeps it.
    if ([before, document.body].includes(document.activeElement)) tool().focus({ preventScroll: true });
    say(tab.textContent);
  }
}

const open = (tab) => (tab.dataset.tool ? show(tab) : close());
// A tool may have a use for its key beyond being opened (its module's pressed): the words selected go into it.
const pressed = () => modules.get(tool().dataset.module)?.pressed;
async function byKey(tab) {
  const isOpen = openTool() === tab.dataset.tool && tool() === drawn;
  if (!isOpen || !pressed()) await open(tab);
  if (openTool() === tab.dataset.tool) pressed()?.(tool());
}
for (const tab of tabs) if (tab.dataset.cmdTool) on(tab.dataset.cmdTool, () => byKey(tab));

pane?.addEventListener("click", (event) => {
  const tab = event.target.closest("a[data-tool]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(tab);
});
// Back to the list, unless something inside the panel has a use for Escape.
pane?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !event.target.closest("#tool")) return;
  event.preventDefault();
  close();
  $(".code .tok", pane)?.focus();
});
// A change made elsewhere on the chart may change what the panel says; one that holds typed words is left alone.
document.addEventListener("swap:done", () => {
  const key = openTool();
  if (!key) return;
  if (tool() === drawn && "keep" in tool().dataset) return;
  if (tool() === drawn) {
    const tab = tabs.find((one) => one.dataset.tool === key);
    drawn = null;
    if (tab) show(tab, { quiet: true });
  } else {
    draw();
  }
});
draw();
