// Two minutes before a session ends for want of activity, the page asks; who works in it is not asked.
import { $, request } from "./net.js";

const ADDRESS = "/accounts/session/";
const idle = Number(document.body.dataset.idle || 0);
const warning = Math.min(120, idle / 2);
let touched = false;

for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, () => { touched = true; }, { passive: true });

const left = async (body) => {
  const answer = await request(ADDRESS, body);
  return answer.ok ? JSON.parse(answer.html).seconds : null; // null: signed out, which the shell tells, or no network
};
const later = (seconds) => setTimeout(look, Math.max(1, seconds) * 1000);

// Other windows share the session, so the server is asked before anybody is warned.
async function look() {
  const seconds = await left(touched ? {} : undefined);
  touched = false;
  if (seconds === null) return $("#signedout") ? undefined : later(10);
  if (seconds > warning) { $("#idle")?.closest("dialog").close(); return later(seconds - warning); }
  if (!$("#idle")) warn();
  return later(Math.min(15, seconds + 1));
}

function warn() {
  const dialog = document.createElement("dialog");
  dialog.className = "dlg stack";
  dialog.setAttribute("aria-labelledby", "idle");
  const heading = Object.assign(document.createElement("h2"), { id: "idle", textContent: "Are you still there?" });
  const text = Object.assign(document.createElement("p"), { textContent: "You will be signed out soon, because nothing has happened here for a while. What you have saved stays saved." });
  const stay = Object.assign(document.createElement("button"), { type: "button", className: "btn primary lg", textContent: "Stay signed in" });
  const buttons = Object.assign(document.createElement("p"), { className: "row-btns" });
  stay.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => left({}));
  buttons.append(stay);
  dialog.append(heading, text, buttons);
  document.dispatchEvent(new CustomEvent("swap:dialog", { detail: dialog }));
}
if (idle) later(idle - warning);
