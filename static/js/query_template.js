// The designer of a query template: sections move without a reload, and the words are linted while one types.
import "./page.js";
import { $, request, say } from "./net.js";

const PAUSE = 400;
let waiting = 0, asking;

function step(form, act) {
  const body = new FormData(form);
  body.set("do", act);
  return body;
}

const part = (html, selector) => {
  const box = document.createElement("template");
  box.innerHTML = html;
  return $(selector, box.content);
};

async function take(form, act) {
  const answer = await request(form.action, step(form, act));
  const fresh = answer.html && part(answer.html, "[data-template]");
  if (!fresh) return;
  form.replaceWith(fresh);
  const next = $("#summary", fresh) || (fresh.dataset.focus && document.getElementById(fresh.dataset.focus));
  // A section that reached the end has a button that is off: its other one takes the focus.
  const held = next?.disabled ? next.parentElement.querySelector("button:not(:disabled)") : next;
  (held || $(`[value="${act}"]`, fresh))?.focus();
  await check(fresh, false);
}

async function check(form, aloud) {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await request(form.action, step(form, "check"), asking.signal);
    const fresh = answer.ok && part(answer.html, "#checked");
    if (!fresh) return;
    $("#checked").replaceWith(fresh);
    if (aloud) say($("#checked-says", fresh).textContent.trim());
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

// Saving leaves the page and goes the ordinary way; everything else only changes the form.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-template]");
  const act = event.submitter?.value;
  if (!form || !act || act === "save") return;
  event.preventDefault();
  if (act === "check") check(form, true); else take(form, act);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-template]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => check($("[data-template]"), false), PAUSE);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-template]");
  if (form && event.target.matches("#kind, [name$='-what']")) {
    clearTimeout(waiting);
    form.dataset.held = event.target.id;
    take(form, "update").then(() => document.getElementById(form.dataset.held)?.focus());
  }
});
