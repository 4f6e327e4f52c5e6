// A file that is being made: the page asks every two seconds how far it is, until it is over.
import { $, request, swap } from "./net.js";
import "./page.js";

const EVERY = 2000;

async function look() {
  const url = $("#export")?.dataset.poll;
  if (!url) return;
  if (!document.hidden) {
    const answer = await request(url);
    if (answer.ok) swap(answer.html);
    else if (answer.status) return;
    if (!$("#export")?.dataset.poll) return $("#download")?.focus();
  }
  setTimeout(look, EVERY);
}
setTimeout(look, EVERY);
