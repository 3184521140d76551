// Light and dark change at once; the form still keeps the choice. Low data is the server's to draw: it just posts.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || button.name !== "theme") return;
  event.preventDefault();
  const form = event.target;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("theme", button.value);
  fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
  if (button.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = button.value;
  for (const other of form.querySelectorAll('[name="theme"]')) other.setAttribute("aria-pressed", String(other === button));
});
