// The chart is mine for as long as this page reports that somebody works on it.
import { $, request, say, swap } from "./net.js";

const page = document.body.dataset;
const every = Number(page.beat) * 1000;
const clock = () => $("#clock");
let touched = true;
let lost = false;

for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, () => { touched = true; }, { passive: true });

async function beat() {
  if (lost) return;
  const answer = await request(`${page.chart}heartbeat/`, { fence: page.fence, active: touched ? "1" : "0" });
  touched = false;
  if (answer.status === 409 || answer.status === 404) {
    lost = true;
    document.body.classList.add("lost");
    swap(answer.html);
  } else if (answer.status === 0) {
    setTimeout(beat, 5000);
  }
}
if (every) setInterval(beat, every);

document.addEventListener("net:down", () => {
  const saved = $("#saved");
  if (saved && !$(".bad-t", saved)) saved.prepend(Object.assign(document.createElement("b"), { className: "bad-t", textContent: "Not connected. " }));
});
document.addEventListener("net:up", () => {
  const warning = $("#saved .bad-t");
  if (warning) { warning.remove(); say("Connected again"); }
});

function tick() {
  const element = clock();
  if (!element || document.hidden) return;
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
  element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
if (clock()) { tick(); setInterval(tick, 1000); }
