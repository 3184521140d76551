// <form data-confirm="id-of-dialog">, or one of its buttons: asked before it is sent; the answer's fields travel along.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const id = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
    const dialog = id && document.getElementById(id);
    if (!dialog || !dialog.showModal || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(dialog, form, event.submitter);
  },
  true,
);

function ask(dialog, form, submitter) {
  dialog.returnValue = "";
  dialog.addEventListener("close", () => answered(dialog, form, submitter), { once: true });
  dialog.showModal();
}

function answered(dialog, form, submitter) {
  if (dialog.returnValue !== "yes") return;
  for (const [name, value] of new FormData(dialog.querySelector("form"))) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter || undefined);
  delete form.dataset.confirmed;
}
