// Requests and swaps.  The workbench answers changes with a handful of elements that carry ids: each
// replaces the one of the same id.  Focus survives, and what happened is said in the live region.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export function say(text) {
  const live = $("#live");
  if (!live || !text) return;
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

const token = () => $("input[name=csrfmiddlewaretoken]")?.value || "";

// GET without a body, POST with one.  Answers {status, ok, html}; status 0 when the server is not reached.
export async function request(url, body, signal) {
  const options = { headers: { "HX-Request": "true" }, signal };
  if (body) {
    options.method = "POST";
    options.body = new URLSearchParams(body);
    options.headers["X-CSRFToken"] = options.body.get("csrfmiddlewaretoken") || token();
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    document.dispatchEvent(new CustomEvent("net:down", { detail: !!body && !/\/(heartbeat|session)\/$/.test(url) }));
    return { status: 0, ok: false, html: "" };
  }
  document.dispatchEvent(new CustomEvent("net:up"));
  const target = response.headers.get("HX-Redirect");
  if (target) location.assign(target);
  const login = response.redirected && new URL(response.url).pathname.startsWith("/accounts/login/");
  if (login) document.dispatchEvent(new CustomEvent("net:signedout"));
  // The sign-in page is a page, not an answer: none of it may be put in place of what the coder typed.
  const html = login ? "" : await response.text();
  return { status: login ? 401 : response.status, ok: response.ok && !login, leaving: !!target, next: response.headers.get("X-Next"), html };
}

// Replaces elements by id.  Answers what the server said: {say, active, undo}.
export function swap(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const held = document.activeElement;
  const heldId = held?.id || held?.closest(".ln")?.id;
  const room = held?.closest("#tool")?.id; // what was pressed may be gone: the panel it stood in is not
  const told = { say: "", active: "", undo: false };
  for (const fresh of [...box.content.children]) {
    if (fresh.id === "live") {
      Object.assign(told, { say: fresh.textContent.trim(), active: fresh.dataset.active || "", undo: "undo" in fresh.dataset });
    } else if (fresh.tagName === "DIALOG" || fresh.id === "lines") {
      document.dispatchEvent(new CustomEvent(`swap:${fresh.tagName === "DIALOG" ? "dialog" : "lines"}`, { detail: fresh }));
    } else if (fresh.id === "refusal") {
      refuse(fresh);
    } else {
      document.getElementById(fresh.id)?.replaceWith(fresh);
    }
  }
  if ((heldId || room) && (!document.activeElement || document.activeElement === document.body)) {
    const again = document.getElementById(heldId) || document.getElementById(room);
    (again?.matches(".ln") ? $("a", again) : again)?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new CustomEvent("swap:done", { detail: told }));
  say(told.say);
  return told;
}

// A refusal that belongs to no form: shown where it can be seen, said aloud, gone with the next change.
function refuse(element) {
  const place = $("#blockers") || $("main");
  $("#refusal")?.remove();
  place.before(element);
  say(element.textContent.trim());
}

export function toast(text, undoable) {
  const box = $("#toast");
  if (!box) return;
  $("span", box).textContent = text;
  $("button", box).hidden = !undoable;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 8000);
}
