// The player (shared/_player.html): the browser's own <video> with our controls; player.js fetches it when it is touched.
import { person } from "./person.js";
import { Sources } from "./sources.js";
import { Preview } from "./preview.js";

const KEEP_EVERY_S = 5;
const USED_AFTER_S = 10;
const WORTH_RESUMING_S = 10;
const NEAR_END_S = 15;

const clock = (seconds) => {
  const s = Math.max(0, Math.floor(seconds || 0));
  const rest = `${String(s % 60).padStart(2, "0")}`;
  return s < 3600 ? `${Math.floor(s / 60)}:${rest}` : `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}:${rest}`;
};

export class Player {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.video = root.querySelector("video");
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.video.controls = false;
    this.video.removeAttribute("src");
    this.sources = new Sources(root, this.video, () => this.tell(this.words.saidBroken));
    this.part("begin").hidden = this.part("controls").hidden = false;
    this.kept = 0;
    this.played = 0;
    this.listen();
    this.offerResume();
    if (this.words.board) this.preview = new Preview(root, this.part, clock);
  }

  listen() {
    const { video, part } = this;
    part("begin").addEventListener("click", () => this.toggle());
    part("play").addEventListener("click", () => this.toggle());
    part("seek").addEventListener("input", (event) => this.seek(Number(event.target.value)));
    part("speed").addEventListener("change", (event) => (video.playbackRate = Number(event.target.value)));
    part("mute").addEventListener("click", () => this.mute());
    part("fullscreen").addEventListener("click", () => this.fill());
    if (part("captions")) part("captions").addEventListener("click", () => this.caption());
    if (part("quality")) part("quality").addEventListener("change", (event) => this.choose(event.target.value));
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => this.drawState());
    video.addEventListener("timeupdate", () => this.drawTime());
    video.addEventListener("loadedmetadata", () => (part("seek").max = video.duration || part("seek").max));
    video.addEventListener("click", () => this.toggle());
    this.root.addEventListener("keydown", (event) => this.key(event));
    for (const link of document.querySelectorAll(".chapters [data-seek]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.seek(Number(link.dataset.seek));
        this.play();
      });
    }
  }

  get quality() {
    const field = this.part("quality");
    return field ? field.value : this.sources.best(this.words.low === "true");
  }

  async toggle() {
    if (this.video.paused) await this.play();
    else this.video.pause();
  }

  async play() {
    this.tell("");
    if (this.part("begin").matches(":focus-visible")) this.part("play").focus(); // the one who has it goes away
    this.part("begin").hidden = true;
    if (!this.sources.current && this.part("captions")) this.drawCaptions();
    if (!this.sources.current) await this.sources.load(this.quality, this.start || 0);
    else await this.sources.renewIfOld();
    await this.video.play().catch((error) => {
      if (error.name !== "AbortError") this.part("begin").hidden = false;
    });
  }

  async choose(kind) {
    if (!this.sources.current) return;
    const playing = !this.video.paused;
    await this.sources.load(kind, this.video.currentTime);
    this.root.classList.toggle("is-sound", kind === "audio");
    this.video.playbackRate = Number(this.part("speed").value);
    if (playing) this.play();
  }

  seek(seconds) {
    if (this.sources.current) this.video.currentTime = seconds;
    else this.start = seconds;
    this.drawTime(seconds);
  }

  mute() {
    this.video.muted = !this.video.muted;
    this.part("mute").setAttribute("aria-pressed", String(this.video.muted));
  }

  caption() {
    const button = this.part("captions");
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    this.drawCaptions();
  }

  // No track is the default one: the browser would fetch it with the page.
  drawCaptions() {
    const on = this.part("captions").getAttribute("aria-pressed") === "true";
    for (const track of this.video.textTracks) track.mode = on && track === this.video.textTracks[0] ? "showing" : "disabled";
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.root.requestFullscreen) this.root.requestFullscreen();
    else if (this.video.webkitEnterFullscreen) this.video.webkitEnterFullscreen();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    const act = this.shortcut(event.key, event.target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  shortcut(key, target) {
    const { video } = this;
    const now = this.sources.current ? video.currentTime : this.start || 0;
    const onButton = target.matches("button, input");
    const known = {
      k: () => this.toggle(),
      j: () => this.seek(now - 10),
      l: () => this.seek(now + 10),
      m: () => this.mute(),
      f: () => this.fill(),
      c: () => this.part("captions") && this.caption(),
      ",": () => this.faster(-1),
      ".": () => this.faster(1),
    };
    const bare = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.seek(now - 5),
      ArrowRight: () => this.seek(now + 5),
      ArrowUp: () => (video.volume = Math.min(1, video.volume + 0.1)),
      ArrowDown: () => (video.volume = Math.max(0, video.volume - 0.1)),
    };
    if (/^\d$/.test(key)) return () => this.seek((Number(key) / 10) * Number(this.part("seek").max));
    return known[key.toLowerCase()] || (onButton ? undefined : bare[key]);
  }

  faster(step) {
    const field = this.part("speed");
    field.selectedIndex = Math.min(field.length - 1, Math.max(0, field.selectedIndex + step));
    this.video.playbackRate = Number(field.value);
  }

  drawState() {
    const playing = !this.video.paused && !this.video.ended;
    this.part("when-paused").hidden = playing;
    this.part("when-playing").hidden = !playing;
    this.part("play").setAttribute("aria-label", playing ? this.words.saidPause : this.words.saidPlay);
    this.remember(true);
  }

  drawTime(at = this.video.currentTime) {
    this.part("now").textContent = clock(at);
    const seek = this.part("seek");
    seek.value = at;
    seek.setAttribute("aria-valuetext", clock(at));
    this.drawChapter(at);
    this.remember(false);
    this.countUse(at);
  }

  // One use for each opening of the page, once it has run for a while; jumps do not count as time.
  countUse(at) {
    const step = at - (this.seenAt ?? at);
    this.seenAt = at;
    if (!this.words.use || step <= 0 || step > 2) return;
    this.played += step;
    if (this.played < Math.min(USED_AFTER_S, (this.video.duration || USED_AFTER_S) * 0.9)) return;
    navigator.sendBeacon(this.words.use, new URLSearchParams({ kind: "play" }));
    delete this.words.use;
  }

  drawChapter(at) {
    let present = null;
    for (const link of document.querySelectorAll(".chapters [data-seek]")) {
      link.removeAttribute("aria-current");
      if (Number(link.dataset.seek) <= at) present = link;
    }
    if (present) present.setAttribute("aria-current", "true");
  }

  get memory() {
    return `tongke:position:${person}:${this.words.player}`;
  }

  remember(now) {
    const at = this.video.currentTime;
    if (!this.sources.current || (!now && Math.abs(at - this.kept) < KEEP_EVERY_S)) return;
    this.kept = at;
    const length = Number(this.part("seek").max);
    const done = at > length - Math.min(NEAR_END_S, length / 10);
    try {
      if (done) localStorage.removeItem(this.memory);
      else if (at > 1) localStorage.setItem(this.memory, at.toFixed(1));
    } catch {
      this.forgetful = true; // the browser keeps nothing (private window): playing goes on, only the position is lost
    }
  }

  offerResume() {
    const address = /[#&]t=([\d.]+)/.exec(location.hash);
    let at = address ? Number(address[1]) : 0;
    try {
      at = at || Number(localStorage.getItem(this.memory) || 0);
    } catch {
      this.forgetful = true;
    }
    if (at < WORTH_RESUMING_S && !address) return;
    this.start = at;
    this.drawTime(at);
    this.tell(this.words.saidResume.replace("{time}", clock(at)));
  }

  tell(words) {
    const told = this.part("told");
    told.textContent = words;
    told.hidden = !words;
    if (words === this.words.saidBroken) this.part("begin").hidden = false;
  }
}
