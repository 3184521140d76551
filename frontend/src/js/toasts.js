// Toasts say what was done: drawn by the server on the next page, or told by an answer's HX-Trigger.
const STAY_MS = 6000;
const shelf = document.getElementById("toasts");

export function toast(words) {
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = words;
  shelf.append(line);
  leave(line);
}

function leave(line) {
  let timer = setTimeout(() => line.remove(), STAY_MS);
  line.addEventListener("pointerenter", () => clearTimeout(timer));
  line.addEventListener("pointerleave", () => (timer = setTimeout(() => line.remove(), STAY_MS)));
}

if (shelf) {
  for (const line of shelf.children) leave(line);
  document.addEventListener("tongke:done", (event) => toast(event.detail.words));
}

// An answer that never came is said beside the content, in the words the page brought along.
document.addEventListener("htmx:error", () => {
  const notices = document.getElementById("notices");
  const template = document.getElementById("no-answer");
  if (notices && template) notices.replaceChildren(template.content.cloneNode(true));
});
