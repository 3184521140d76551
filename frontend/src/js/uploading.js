// Resumable uploads (shared/_upload.html); upload.js fetches it when it is wanted. Each finished file leaves a hidden
// field with its asset's id.
import { person } from "./person.js";
import { Pace, filled, megabytes } from "./pace.js";

// What sends is fetched with the first file, or for what an earlier visit left.
const tus = () => import("tus-js-client");
const AT_ONCE = 2;
const CHUNK_BYTES = 32 * 1024 * 1024;
const HASHED_UP_TO_BYTES = 64 * 1024 * 1024;
const REFUSALS = new Set([413, 415, 422]); // sending the same bytes again would not help
const RETRIES_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000];

export class Uploader {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.list = root.querySelector(".uploads");
    this.template = root.querySelector("template");
    this.field = root.querySelector('input[type="file"]');
    this.queue = [];
    this.running = new Set();
    this.lost = new Set();
    this.field.addEventListener("change", () => this.take(this.field));
    this.acceptDrops();
    root.classList.add("is-ready");
    addEventListener("online", () => this.resumeAll());
    addEventListener("beforeunload", (event) => this.running.size && event.preventDefault());
    this.finished = new Finished(root.dataset.name);
    this.form = root.closest("form");
    if (this.form) this.form.addEventListener("submit", (event) => this.leaving(event));
    for (const one of this.finished.all()) new Line(this, one).restore(one.asset);
    this.offerUnfinished();
  }

  // Sent too early: the form goes on by itself when the last file has arrived.
  leaving(event) {
    if (this.isBusy()) {
      event.preventDefault();
      this.goesOn = true;
      this.sayAll(this.words.saidWait);
      return;
    }
    this.finished.clear();
  }

  isBusy() {
    return this.running.size > 0 || this.queue.length > 0;
  }

  sayAll(words) {
    this.root.querySelector(".said-all").textContent = words;
  }

  goOn() {
    if (this.isBusy() || !(this.goesOn || "byItself" in this.words) || !this.form) return;
    const failed = this.list.querySelector(".upload.is-bad");
    this.goesOn = false;
    this.sayAll(failed ? this.words.saidFailed : "");
    if (!failed && this.list.querySelector('input[type="hidden"]')) this.form.requestSubmit();
  }

  acceptDrops() {
    const zone = this.root.querySelector(".drop");
    const over = (on) => (event) => {
      event.preventDefault();
      zone.classList.toggle("is-over", on);
    };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      over(false)(event);
      for (const file of event.dataTransfer.files) this.add(file);
    });
  }

  take(field) {
    const files = [...field.files];
    field.value = "";
    for (const file of files) this.add(file);
  }

  add(file) {
    const line = new Line(this, file);
    const limit = Number(this.words.limit || 0);
    if (limit && file.size > limit) {
      line.fail(filled(this.words.saidTooLarge, { size: megabytes(file.size), limit: megabytes(limit) }), true);
      return;
    }
    this.forgetOffer(file.name);
    this.queue.push(line);
    this.next();
  }

  next() {
    while (this.running.size < AT_ONCE && this.queue.length) {
      const line = this.queue.shift();
      this.running.add(line);
      line.start();
    }
    this.root.classList.toggle("is-busy", this.running.size > 0);
    this.root.dispatchEvent(new CustomEvent("tongke:uploading", { bubbles: true, detail: { open: this.running.size } }));
  }

  settled(line) {
    this.running.delete(line);
    this.next();
    this.goOn();
  }

  resumeAll() {
    for (const line of [...this.lost]) line.resume();
  }

  // What a reload interrupted: the browser forgot the file, not where it stopped.
  async offerUnfinished() {
    if (!leftOver()) return;
    const { defaultOptions } = await tus();
    const known = await defaultOptions.urlStorage.findAllUploads();
    for (const upload of known) this.offer(upload);
  }

  offer(upload) {
    const offer = document.createElement("li");
    const words = document.createElement("p");
    offer.className = "upload is-offer";
    offer.dataset.name = upload.metadata.filename || "";
    words.textContent = filled(this.words.saidUnfinished, { name: offer.dataset.name, size: megabytes(upload.size) });
    const row = document.createElement("p");
    row.className = "row";
    row.append(
      button(this.words.saidChoose, () => this.field.click()),
      button(this.words.saidForget, () => this.forget(upload, offer), "is-quiet"),
    );
    offer.append(words, row);
    this.list.append(offer);
  }

  // Given up for good: the server need not keep the bytes either.
  async forget(upload, offer) {
    const { Upload, defaultOptions } = await tus();
    await defaultOptions.urlStorage.removeUpload(upload.urlStorageKey);
    offer.remove();
    if (upload.uploadUrl) await Upload.terminate(upload.uploadUrl).catch(() => undefined);
  }

  forgetOffer(name) {
    for (const offer of this.list.querySelectorAll(".is-offer")) if (offer.dataset.name === name) offer.remove();
  }
}

// Files that have arrived but whose form was not sent yet: a reload of the page must not lose them.
class Finished {
  constructor(name) {
    this.key = `tongke:finished:${person}:${location.pathname}:${name}`;
  }

  all() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) || "[]");
    } catch {
      return [];
    }
  }

  keep(all) {
    try {
      sessionStorage.setItem(this.key, JSON.stringify(all));
    } catch {
      return; // no storage: a reload asks for the file again
    }
  }

  add(one) {
    this.keep([...this.all().filter(({ asset }) => asset !== one.asset), one]);
  }

  remove(asset) {
    this.keep(this.all().filter((one) => one.asset !== asset));
  }

  clear() {
    this.keep([]);
  }
}

class Line {
  constructor(uploader, file) {
    this.uploader = uploader;
    this.file = file;
    this.pace = new Pace();
    this.node = uploader.template.content.firstElementChild.cloneNode(true);
    this.part = (name) => this.node.querySelector(`[data-part="${name}"]`);
    this.part("name").textContent = file.name;
    this.part("size").textContent = megabytes(file.size);
    this.part("bar").setAttribute("aria-label", file.name);
    this.part("pause").addEventListener("click", () => (this.paused ? this.resume() : this.pause()));
    this.part("remove").addEventListener("click", () => this.remove());
    uploader.list.append(this.node);
    this.say(uploader.words.saidWaiting);
  }

  say(words) {
    this.part("said").textContent = words;
  }

  async start() {
    this.paused = false;
    this.uploader.lost.delete(this);
    this.node.classList.remove("is-bad");
    this.part("pause").hidden = false;
    if (!this.upload) this.upload = await this.prepare().catch(() => null);
    if (this.removed) return;
    if (!this.upload) {
      this.fail(this.uploader.words.saidLost); // the line broke before what sends had come
      return;
    }
    const earlier = await this.upload.findPreviousUploads();
    if (earlier.length) this.upload.resumeFromPreviousUpload(earlier[0]);
    this.upload.start();
  }

  async prepare() {
    const metadata = { filename: this.file.name };
    if (this.file.type) metadata.filetype = this.file.type;
    const sha256 = await digest(this.file, () => this.say(this.uploader.words.saidChecking));
    if (sha256) metadata.sha256 = sha256;
    const { Upload } = await tus();
    return new Upload(this.file, {
      endpoint: this.uploader.words.upload,
      metadata,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRIES_MS,
      removeFingerprintOnSuccess: true,
      onShouldRetry: (error) => this.worthRetrying(error),
      onProgress: (sent, total) => this.progressed(sent, total),
      onAfterResponse: (_request, response) => {
        this.asset = response.getHeader("Tongke-Asset") || this.asset;
      },
      onError: (error) => this.fail(this.reason(error), REFUSALS.has(statusOf(error))),
      onSuccess: () => this.done(),
    });
  }

  worthRetrying(error) {
    const status = statusOf(error);
    if (!status || status === 423 || status === 429 || status >= 500) {
      if (status === 507) return false;
      this.say(this.uploader.words.saidReconnecting);
      return true;
    }
    return status === 409;
  }

  reason(error) {
    const body = error.originalResponse ? error.originalResponse.getBody() : "";
    try {
      return JSON.parse(body).detail;
    } catch {
      return this.uploader.words.saidLost;
    }
  }

  progressed(sent, total) {
    const bar = this.part("bar");
    bar.max = total;
    bar.value = sent;
    const { speed, left } = this.pace.at(sent, total);
    const percent = Math.floor((sent / total) * 100);
    const known = { percent, speed: megabytes(speed), left: spoken(left, this.uploader.words) };
    this.say(filled(sent === total ? this.uploader.words.saidFinishing : this.uploader.words.saidSending, known));
  }

  async pause() {
    this.paused = true;
    this.part("pause").textContent = this.uploader.words.saidResume;
    await this.upload.abort();
    this.say(this.uploader.words.saidPaused);
  }

  resume() {
    this.part("pause").textContent = this.uploader.words.saidPause;
    this.pace = new Pace();
    this.uploader.running.add(this);
    this.start();
  }

  fail(words, final = false) {
    if (!final) this.uploader.lost.add(this);
    this.node.classList.add("is-bad");
    this.say(words);
    this.part("pause").hidden = final;
    this.part("pause").textContent = this.uploader.words.saidResume;
    this.paused = true;
    this.uploader.settled(this);
  }

  async remove() {
    this.removed = true;
    this.uploader.lost.delete(this);
    if (this.asset) this.uploader.finished.remove(this.asset);
    if (this.upload && !this.asset) await this.upload.abort(true).catch(() => undefined);
    this.node.remove();
    this.uploader.queue = this.uploader.queue.filter((line) => line !== this);
    this.uploader.settled(this);
  }

  restore(asset) {
    this.asset = asset;
    this.arrived();
  }

  done() {
    this.uploader.finished.add({ asset: this.asset, name: this.file.name, size: this.file.size });
    this.arrived();
    const detail = { asset: this.asset, name: this.file.name, size: this.file.size };
    this.node.dispatchEvent(new CustomEvent("tongke:uploaded", { bubbles: true, detail }));
    this.uploader.settled(this);
  }

  arrived() {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: this.uploader.words.name, value: this.asset });
    this.node.append(field);
    this.node.classList.add("is-good");
    this.part("pause").hidden = true;
    this.part("bar").hidden = true;
    this.say(this.uploader.words.saidDone);
  }
}

function statusOf(error) {
  return error.originalResponse ? error.originalResponse.getStatus() : 0;
}

// tus keeps what it has begun under keys of its own.
function leftOver() {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith("tus::"));
  } catch {
    return false; // the browser keeps nothing
  }
}

function button(words, press, look = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${look}`;
  made.textContent = words;
  made.addEventListener("click", press);
  return made;
}

async function digest(file, begin) {
  if (!globalThis.crypto || !crypto.subtle || file.size > HASHED_UP_TO_BYTES) return "";
  begin();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function spoken(seconds, words) {
  if (!Number.isFinite(seconds)) return "…";
  if (seconds < 60) return filled(words.saidSeconds, { n: Math.max(1, Math.round(seconds)) });
  return filled(words.saidMinutes, { n: Math.round(seconds / 60) });
}
