// What every page may use. All of it improves elements that work without scripts.
import "htmx.org";
import "./menus.js";
import "./confirm.js";
import "./toasts.js";
import "./tree.js";
import "./focus.js";
import "./preferences.js";
import "./autosave.js";
import "./suggest.js";
import "./print.js";
import "./leftovers.js";
import "./idle.js";
