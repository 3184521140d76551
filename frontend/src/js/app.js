// What every page may use. All of it improves elements that work without scripts.
import "htmx.org";
import "./menus.js";
import "./confirm.js";
import "./toasts.js";
import "./focus.js";
import "./preferences.js";
import "./leftovers.js";

// Fetched where they have something to do, now or after htmx brought it.
const WHERE = {
  '[role="tree"]': () => import("./tree.js"),
  "[data-print], [data-printed]": () => import("./print.js"),
  "html[data-idle-s]": () => import("./idle.js"),
};
// Fetched when the first field of theirs is entered, before anything is typed.
const ENTERED = [
  ["input[data-suggest]", () => import("./suggest.js")],
  ["form[data-autosave] *", () => import("./autosave.js")],
];

function fetchNeeded() {
  for (const [where, load] of Object.entries(WHERE)) if (document.querySelector(where)) load();
}

function entered(place) {
  for (const [where, load] of ENTERED) if (place && place.matches(where)) load();
}

fetchNeeded();
document.addEventListener("htmx:after:swap", fetchNeeded);
document.addEventListener("focusin", (event) => entered(event.target));
document.addEventListener("input", (event) => entered(event.target));
entered(document.activeElement);
