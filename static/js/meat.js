// Tagging the evidence shown of a diagnosis: monitored, evaluated, assessed, treated; x takes the tag off.
import { $$, say } from "./net.js";
import { activeRow, steppedLine } from "./evidence.js";
import { send } from "./codes.js";

export async function tag(letter) {
  const row = activeRow();
  const chips = row ? $$("a.cite[data-meat]", row) : [];
  if (!row) return say("Choose a diagnosis first: 1 to 9.");
  if (!chips.length) return say("This code has no evidence to tag: only that of a diagnosis is tagged.");
  const at = steppedLine();
  // The evidence N or P came to; else the first that has no tag yet (to take one off: that has one), else the first.
  const chip = chips.find((one) => at && one.hash === `#${at}`) || chips.find((one) => ("tagged" in one.dataset) === (letter === "x")) || chips[0];
  await send(chip.dataset.meat, { letter: letter === "x" ? "" : letter.toUpperCase() });
  return undefined;
}
