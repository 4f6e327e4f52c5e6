// The form of an edit rule: steps without a reload, and the conditions as a sentence while they are typed.
import "./page.js";
import { $, request, say } from "./net.js";

const PAUSE = 350;
let waiting = 0, asking;

function step(form, act) {
  const body = new FormData(form);
  body.set("do", act);
  return body;
}

async function take(form, act) {
  const answer = await request(form.action, step(form, act));
  if (!answer.html) return;
  const box = document.createElement("template");
  box.innerHTML = answer.html;
  const fresh = $("[data-rule]", box.content);
  if (!fresh) return;
  form.replaceWith(fresh);
  const next = $("#summary", fresh) || (fresh.dataset.focus && document.getElementById(fresh.dataset.focus)) || $(`[value="${act}"]`, fresh);
  next?.focus();
  if (act === "try") say($("#rule-tried", fresh).textContent.trim());
}

// Saving leaves the page and goes the ordinary way; everything else only changes the form.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-rule]");
  const act = event.submitter?.value;
  if (!form || !act || act === "save") return;
  event.preventDefault();
  take(form, act);
});

async function tell(form) {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await request(form.action, step(form, "words"), asking.signal);
    const box = document.createElement("template");
    box.innerHTML = answer.html;
    const fresh = $("#rule-words", box.content);
    if (answer.ok && fresh) $("#rule-words").replaceWith(fresh);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-rule]");
  if (!form || !event.target.closest("#conditions, #payer")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => tell(form), PAUSE);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "builtin" && event.target.form?.matches("[data-rule]")) take(event.target.form, "update");
});
