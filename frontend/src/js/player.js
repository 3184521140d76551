// Makes <div data-player> (shared/_player.html) ready: what plays is fetched at the first touch, or when there is a
// place to go on from. What was done before it arrived is done again then; if it cannot arrive, the browser's own
// controls and the small file come back, as without scripts.
import { person } from "./person.js";

const TOUCHES = ["click", "keydown", "input", "change"];
const NEAR = ["pointerenter", "focusin", "touchstart"];

function goesOn(root) {
  try {
    return /[#&]t=/.test(location.hash) || localStorage.getItem(`tongke:position:${person}:${root.dataset.player}`);
  } catch {
    return false; // the browser keeps nothing
  }
}

function prepare(root) {
  const video = root.querySelector("video");
  const small = video.getAttribute("src");
  const places = [root, ...document.querySelectorAll(".chapters [data-seek]")];
  let coming = null;
  let pointed = null;

  const show = (ours) => {
    video.controls = !ours;
    if (ours) video.removeAttribute("src");
    else video.src = small;
    for (const name of ["begin", "controls"]) root.querySelector(`[data-part="${name}"]`).hidden = !ours;
  };
  const note = (event) => (pointed = event.type === "pointermove" ? event : null);
  const fetchPlayer = async () => {
    const playing = await import("./playing.js").catch(() => null);
    if (playing) new playing.Player(root);
    else show(false);
    for (const place of places) for (const name of TOUCHES) place.removeEventListener(name, again, true);
    for (const name of ["pointermove", "pointerleave"]) root.removeEventListener(name, note);
    if (pointed) pointed.target.dispatchEvent(new PointerEvent("pointermove", pointed));
  };
  const load = () => (coming = coming || fetchPlayer());
  const again = async (event) => {
    const { target, type, key } = event;
    if (type === "keydown" && (key === "Tab" || event.ctrlKey || event.metaKey || event.altKey)) return;
    if (type !== "keydown") event.preventDefault();
    event.stopPropagation();
    await load();
    target.dispatchEvent(new event.constructor(type, event));
  };

  show(true);
  for (const place of places) for (const name of TOUCHES) place.addEventListener(name, again, true);
  for (const name of ["pointermove", "pointerleave"]) root.addEventListener(name, note, { passive: true });
  for (const name of NEAR) root.addEventListener(name, load, { once: true, passive: true });
  if (goesOn(root)) load();
}

for (const root of document.querySelectorAll("[data-player]")) prepare(root);
