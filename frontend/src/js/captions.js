// The editor of captions (shared/_captions_editor.html): rows of start, end and words beside the video. The form works
// without this script; with it, rows follow the video, take its time, and can be added and removed.
const stamp = (seconds) => {
  const ms = Math.round(seconds * 1000);
  const two = (n) => String(n).padStart(2, "0");
  return `${two(Math.floor(ms / 3600000))}:${two(Math.floor(ms / 60000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, "0")}`;
};

const seconds = (text) => text.trim().replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

class Editor {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector(".cues");
    this.template = form.querySelector("template");
    this.video = document.querySelector("video");
    form.addEventListener("click", (event) => this.pressed(event));
    this.list.addEventListener("focusin", (event) => this.follow(event.target));
    if (this.video) this.video.addEventListener("timeupdate", () => this.mark());
    for (const button of form.querySelectorAll("[data-cue]")) button.hidden = false;
  }

  pressed(event) {
    const button = event.target.closest("[data-cue]");
    if (!button) return;
    const row = button.closest(".cue");
    ({ add: () => this.add(row), remove: () => this.remove(row), now: () => this.take(row) })[button.dataset.cue]();
  }

  field(row, name) {
    return row.querySelector(`[name="${name}"]`);
  }

  add(after) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const start = after ? seconds(this.field(after, "end").value) : this.video ? this.video.currentTime : 0;
    this.field(row, "start").value = stamp(start);
    this.field(row, "end").value = stamp(start + 3);
    for (const button of row.querySelectorAll("[data-cue]")) button.hidden = false;
    if (after) after.after(row);
    else this.list.append(row);
    this.field(row, "text").focus();
    this.changed();
  }

  remove(row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (next) this.field(next, "text").focus();
    this.changed();
  }

  take(row) {
    if (!this.video) return;
    const length = seconds(this.field(row, "end").value) - seconds(this.field(row, "start").value);
    this.field(row, "start").value = stamp(this.video.currentTime);
    this.field(row, "end").value = stamp(this.video.currentTime + Math.max(1, length));
    this.changed();
  }

  changed() {
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  follow(target) {
    const row = target.closest(".cue");
    if (row && target.name === "text" && this.video && this.video.paused && this.video.readyState > 0) {
      this.video.currentTime = seconds(this.field(row, "start").value);
    }
  }

  mark() {
    const at = this.video.currentTime;
    for (const row of this.list.children) {
      const inside = seconds(this.field(row, "start").value) <= at && at < seconds(this.field(row, "end").value);
      row.classList.toggle("is-now", inside);
    }
  }
}

for (const form of document.querySelectorAll("form[data-captions]")) new Editor(form);
