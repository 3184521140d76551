// Nothing of the last teacher stays in a shared browser: what another person left is taken away on the first page.
// (Clear-Site-Data does the same at sign-out, but only over https, and nobody signs out when the power fails.)
import { person } from "./person.js";

const OURS = /^tongke:(position|finished):/;

function tidy(store) {
  for (const key of Object.keys(store)) {
    if (OURS.test(key) && key.split(":")[2] !== person) store.removeItem(key);
  }
}

try {
  tidy(localStorage);
  tidy(sessionStorage);
} catch {
  // The browser keeps nothing (private window), so nothing can be left.
}
