// Makes <div data-upload="/api/v1/uploads"> (shared/_upload.html) ready: what sends is fetched when a file comes near,
// or when an earlier visit left one. Without this script the file field inside is posted with its form as always.
const uploaders = new Map();

const load = (root) => {
  if (!uploaders.has(root)) uploaders.set(root, import("./uploading.js").then(({ Uploader }) => new Uploader(root)));
  return uploaders.get(root);
};

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
  const over = (event) => {
    event.preventDefault();
    load(root);
  };
  const dropped = async (event) => {
    over(event);
    event.stopPropagation();
    const files = [...event.dataTransfer.files]; // gone once this event is over
    const uploader = await ready();
    for (const file of files) uploader.add(file);
  };
  const chosen = async (event) => {
    event.stopPropagation();
    await ready();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const ready = async () => {
    const uploader = await load(root);
    root.removeEventListener("dragover", over);
    root.removeEventListener("drop", dropped, true);
    root.removeEventListener("change", chosen, true);
    return uploader;
  };
  root.addEventListener("dragover", over);
  root.addEventListener("drop", dropped, true);
  root.addEventListener("change", chosen, true);
  for (const name of ["pointerenter", "focusin"]) root.addEventListener(name, () => load(root), { once: true });
  root.classList.add("is-ready");
  if (leftOver()) load(root);
}

for (const root of document.querySelectorAll("[data-upload]")) prepare(root);
