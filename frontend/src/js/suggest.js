// <input data-suggest="address">: titles offered while one types, as a listbox; Enter without a choice just searches.
const WAIT_MS = 150;

function attach(input) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `suggestions-${Math.random().toString(36).slice(2, 8)}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  input.form.append(list);
  input.setAttribute("aria-controls", list.id);
  const state = { input, list, timer: 0, asked: 0, at: -1 };
  input.addEventListener("input", (event) => event.isComposing || ask(state));
  input.addEventListener("compositionend", () => ask(state));
  input.addEventListener("keydown", (event) => steer(state, event));
  input.addEventListener("blur", () => setTimeout(() => show(state, []), 150));
  if (input === document.activeElement && input.value !== input.defaultValue) ask(state);
}

function ask(state) {
  clearTimeout(state.timer);
  const words = state.input.value.trim();
  if (!words) return show(state, []);
  state.timer = setTimeout(async () => {
    const asked = ++state.asked;
    const answer = await fetch(`${state.input.dataset.suggest}?q=${encodeURIComponent(words)}`).catch(() => null);
    if (answer && answer.ok && asked === state.asked) show(state, await answer.json());
  }, WAIT_MS);
}

function show(state, titles) {
  const { input, list } = state;
  state.at = -1;
  list.replaceChildren(...titles.map((title, n) => option(state, title, n)));
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  list.hidden = !titles.length;
  input.setAttribute("aria-expanded", String(Boolean(titles.length)));
  input.removeAttribute("aria-activedescendant");
}

function option(state, title, n) {
  const line = document.createElement("li");
  line.id = `${state.list.id}-${n}`;
  line.setAttribute("role", "option");
  line.dir = "auto";
  line.textContent = title;
  line.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    choose(state, title);
  });
  return line;
}

function choose(state, title) {
  state.input.value = title;
  show(state, []);
  state.input.form.requestSubmit();
}

function steer(state, event) {
  const lines = [...state.list.children];
  if (event.isComposing || !lines.length) return;
  if (event.key === "Escape") show(state, []);
  else if (event.key === "Enter" && state.at >= 0) {
    event.preventDefault();
    choose(state, lines[state.at].textContent);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    state.at = (state.at + step + lines.length) % lines.length;
    lines.forEach((line, n) => line.setAttribute("aria-selected", String(n === state.at)));
    state.input.setAttribute("aria-activedescendant", lines[state.at].id);
  }
}

for (const input of document.querySelectorAll("input[data-suggest]")) attach(input);
