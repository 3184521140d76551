// Makes <div data-player> (shared/_player.html) ready: what plays is fetched at the first touch, or when there is a
// place to go on from. What was done before it arrived is done again then.
const TOUCHES = ["click", "keydown", "input", "change"];
const NEAR = ["pointerenter", "focusin", "touchstart"];
const players = new Map();

const load = (root) => {
  if (!players.has(root)) players.set(root, import("./playing.js").then(({ Player }) => new Player(root)));
  return players.get(root);
};

function goesOn(root) {
  try {
    return /[#&]t=/.test(location.hash) || localStorage.getItem(`tongke:position:${root.dataset.player}`);
  } catch {
    return false; // the browser keeps nothing
  }
}

function prepare(root) {
  const video = root.querySelector("video");
  const places = [root, ...document.querySelectorAll(".chapters [data-seek]")];
  video.controls = false;
  video.removeAttribute("src");
  for (const name of ["begin", "controls"]) root.querySelector(`[data-part="${name}"]`).hidden = false;
  const again = async (event) => {
    const { target, type, key } = event;
    if (type === "keydown" && (key === "Tab" || event.ctrlKey || event.metaKey || event.altKey)) return;
    if (type !== "keydown") event.preventDefault();
    event.stopPropagation();
    await load(root);
    for (const place of places) for (const name of TOUCHES) place.removeEventListener(name, again, true);
    target.dispatchEvent(new event.constructor(type, event));
  };
  for (const place of places) for (const name of TOUCHES) place.addEventListener(name, again, true);
  for (const name of NEAR) root.addEventListener(name, () => load(root), { once: true, passive: true });
  if (goesOn(root)) load(root);
}

for (const root of document.querySelectorAll("[data-player]")) prepare(root);
