// role="tree": one stop for Tab, arrows to walk, after the WAI-ARIA tree pattern. Works on trees that arrive later, too.
const items = (tree) => [...tree.querySelectorAll('[role="treeitem"]')].filter((item) => item.offsetParent);
const closest = (node, role) => node.parentElement.closest(`[role="${role}"]`);

function focus(item) {
  const tree = item.closest('[role="tree"]');
  for (const other of tree.querySelectorAll('[role="treeitem"][tabindex="0"]')) other.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

async function toggle(item, open) {
  item.setAttribute("aria-expanded", String(open));
  const address = item.dataset.children;
  if (!open || !address) return;
  delete item.dataset.children;
  const answer = await fetch(`${address}?level=${Number(item.getAttribute("aria-level")) + 1}`, { headers: { "HX-Request": "true" } });
  if (answer.ok) item.insertAdjacentHTML("beforeend", await answer.text());
  else item.dataset.children = address;
}

const opened = (item) => item.getAttribute("aria-expanded");

const KEYS = {
  ArrowDown: (item, all) => all[all.indexOf(item) + 1],
  ArrowUp: (item, all) => all[all.indexOf(item) - 1],
  Home: (_item, all) => all[0],
  End: (_item, all) => all[all.length - 1],
  Enter: (item) => void item.querySelector("a").click(),
  " ": (item) => void (opened(item) && toggle(item, opened(item) !== "true")),
  ArrowRight: (item) => (opened(item) === "false" ? void toggle(item, true) : item.querySelector('[role="treeitem"]')),
  ArrowLeft: (item) => (opened(item) === "true" ? void toggle(item, false) : closest(item, "treeitem")),
};

function typed(item, all, letter) {
  const from = all.indexOf(item) + 1;
  const wrapped = [...all.slice(from), ...all.slice(0, from)];
  return wrapped.find((other) => other.querySelector("a").textContent.trim().startsWith(letter));
}

document.addEventListener("keydown", (event) => {
  const item = event.target.closest && event.target.closest('[role="treeitem"]');
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = items(item.closest('[role="tree"]'));
  const known = KEYS[event.key];
  if (!known && event.key.length !== 1) return;
  const next = known ? known(item, all) : typed(item, all, event.key);
  event.preventDefault();
  if (next) focus(next);
});

document.addEventListener("click", (event) => {
  const arrow = event.target.closest && event.target.closest(".twig > .icon");
  if (!arrow) return;
  const item = arrow.closest('[role="treeitem"]');
  toggle(item, opened(item) !== "true");
});

function prepare() {
  for (const tree of document.querySelectorAll('[role="tree"]')) {
    if (tree.querySelector('[role="treeitem"][tabindex="0"]')) continue;
    const first = tree.querySelector('[aria-selected="true"], [role="treeitem"]');
    if (first) first.tabIndex = 0;
  }
}

prepare();
document.addEventListener("htmx:after:swap", prepare);
