// What every page has: theme, palette and key sheet (fetched when first used), menus, the end of a session.
import { $, $$, request, say, toast } from "./net.js";
import { on } from "./keymap.js";
import "./idle.js";

const root = document.documentElement;

function setTheme(theme) {
  if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
  for (const button of $$("[data-theme-form] button")) button.setAttribute("aria-pressed", button.value === theme);
  const form = $("[data-theme-form]");
  const body = new FormData(form);
  body.set("theme", theme);
  request(form.action, body);
  say(`Theme: ${theme}`);
}

on("theme", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(dark ? "light" : "dark");
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  setTheme(event.submitter.value);
});

const palette = () => import("./palette.js");
on("palette", async () => { (await palette()).open(); });
on("keys", async () => { (await palette()).sheet(); });
const work = $(".nav a[href='/work/']");
if (work) on("work", () => location.assign(work.href));
on("home", () => location.assign($(".brand").href));
on("preferences", () => location.assign("/preferences/"));
on("close", (_, event) => {
  const dialog = event?.target.closest("dialog");
  if (dialog) dialog.close(); else if (event) location.assign(event.target.closest("[href]").href);
});

// Menus are <details>: Escape and a click elsewhere close them.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); }
});
document.addEventListener("click", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// Dialogs: the server sends one, the page shows it; focus goes back where it came from.
export function showDialog(dialog) {
  const back = document.activeElement;
  $("#dialog")?.remove();
  dialog.id = "dialog";
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (back?.isConnected) back.focus();
  });
  dialog.showModal();
  ($("#summary", dialog) || $("input:not([type=hidden]), textarea, select, button, a", dialog))?.focus();
}
document.addEventListener("swap:dialog", (event) => showDialog(event.detail));
document.addEventListener("net:signedout", () => {
  if ($("#signedout")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "dlg";
  dialog.setAttribute("aria-labelledby", "signedout");
  const heading = Object.assign(document.createElement("h2"), { id: "signedout", textContent: "You are signed out" });
  const text = Object.assign(document.createElement("p"), {
    textContent: "Every change was saved when you made it, except this last one. Sign in again to go on." });
  const link = Object.assign(document.createElement("a"), {
    className: "btn primary", href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}`, textContent: "Sign in" });
  dialog.append(heading, text, link);
  showDialog(dialog);
});
document.addEventListener("net:down", (event) => toast(event.detail
  ? "Not connected. This change was not saved; try again when you are back."
  : "Not connected. What you saved is safe; go on when you are back.", false));
