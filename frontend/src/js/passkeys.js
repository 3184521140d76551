// Passkeys: forms marked data-passkey are shown where the browser can, and answered by the device instead of a password.
const decode = (text) => {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
};
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error || "");
  return told;
}

function unpacked(options) {
  const unpack = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));
  const made = { ...options, challenge: decode(options.challenge) };
  if (options.user) made.user = { ...options.user, id: decode(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = unpack(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = unpack(options.allowCredentials);
  return made;
}

function packed(credential) {
  const response = credential.response;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = encode(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response: parts };
}

async function ask(form) {
  const { token, options } = await post(form.dataset.options, {});
  const publicKey = unpacked(options);
  const isSignIn = form.dataset.passkey === "sign-in";
  const credential = await navigator.credentials[isSignIn ? "get" : "create"]({ publicKey });
  const fields = Object.fromEntries(new FormData(form));
  return post(form.action, { ...fields, token, credential: packed(credential) });
}

async function submitted(event) {
  const form = event.currentTarget;
  const button = form.querySelector("button");
  const told = form.querySelector("[role=alert]");
  event.preventDefault();
  button.disabled = true;
  told.hidden = true;
  try {
    const { next } = await ask(form);
    window.location.assign(next);
  } catch (error) {
    // What the platform says is shown; what the browser says (cancelled, timed out) is not for people to read.
    if (error.message && !(error instanceof DOMException)) told.textContent = error.message;
    told.hidden = false;
    button.disabled = false;
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", submitted);
  }
}
