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
  "form[data-autosave]": () => import("./autosave.js"),
  "[data-print], [data-printed]": () => import("./print.js"),
  "html[data-idle-s]": () => import("./idle.js"),
};

function fetchNeeded() {
  for (const [where, load] of Object.entries(WHERE)) if (document.querySelector(where)) load();
}

fetchNeeded();
document.addEventListener("htmx:after:swap", fetchNeeded);
const typing = document.querySelector("input[data-suggest]");
if (typing) typing.addEventListener("focus", () => import("./suggest.js"), { once: true });
if (typing && document.activeElement === typing) import("./suggest.js");
