// Makes <div data-upload="/api/v1/uploads"> (shared/_upload.html) ready: what sends is fetched when a file comes near,
// or when an earlier visit left one. Without it the file field inside is posted with its form as always.
function leftOver() {
  try {
    const keys = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
    return keys.some((key) => key.startsWith("tus::") || key.startsWith("tongke:finished:"));
  } catch {
    return false; // the browser keeps nothing
  }
}

function prepare(root) {
  const field = root.querySelector('input[type="file"]');
  let coming = null;

  const fetchUploader = async () => {
    const uploading = await import("./uploading.js").catch(() => null);
    root.removeEventListener("dragover", over);
    root.removeEventListener("drop", dropped, true);
    root.removeEventListener("change", chosen, true);
    if (uploading) return new uploading.Uploader(root);
    root.classList.remove("is-ready");
    return null;
  };
  const load = () => (coming = coming || fetchUploader());
  const over = (event) => {
    event.preventDefault();
    load();
  };
  const dropped = async (event) => {
    over(event);
    event.stopPropagation();
    const files = new DataTransfer(); // the event's own is empty once it is over
    for (const file of event.dataTransfer.files) files.items.add(file);
    const uploader = await load();
    if (uploader) for (const file of files.files) uploader.add(file);
    else field.files = files.files;
  };
  const chosen = async (event) => {
    if (event.target !== field) return;
    event.stopPropagation();
    if (await load()) field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  root.addEventListener("dragover", over);
  root.addEventListener("drop", dropped, true);
  root.addEventListener("change", chosen, true);
  for (const name of ["pointerenter", "focusin"]) root.addEventListener(name, load, { once: true });
  root.classList.add("is-ready");
  if (leftOver()) load();
}

for (const root of document.querySelectorAll("[data-upload]")) prepare(root);
