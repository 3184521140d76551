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
const suggest = () => import("./suggest.js");
const autosave = () => import("./autosave.js");

function fetchNeeded() {
  for (const [where, load] of Object.entries(WHERE)) if (document.querySelector(where)) load();
}

// Said before the list is there: who enters the field hears what it is.
for (const field of document.querySelectorAll("input[data-suggest]")) {
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) field.setAttribute(name, value);
}

// Fetched when the first field of theirs is entered; what was changed before they arrived is told to them then.
function entered(place) {
  if (place && place.matches("input[data-suggest]")) suggest();
  if (place && place.form && place.form.dataset.autosave) autosave();
}

fetchNeeded();
document.addEventListener("htmx:after:swap", fetchNeeded);
document.addEventListener("focusin", (event) => entered(event.target));
document.addEventListener("input", (event) => {
  const { form } = event.target;
  if (form && form.dataset.autosave) autosave().then(({ changed }) => changed(event));
});
entered(document.activeElement);
