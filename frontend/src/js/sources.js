// Which bytes to play, how, and what to do when their address has grown old.
const HLS = "application/vnd.apple.mpegurl";
const RENEW_BEFORE_S = 60;
const ORDER = { full: ["hls", "remux", "mp4_240", "audio"], low: ["mp4_240", "audio", "remux", "hls"] };

// data-src-mp4-240 becomes dataset["srcMp4-240"]: a digit after the hyphen keeps it.
const NAMES = { hls: "srcHls", remux: "srcRemux", mp4_240: "srcMp4-240", audio: "srcAudio" };

export class Sources {
  constructor(root, video, broken) {
    this.root = root;
    this.video = video;
    this.broken = broken;
    this.current = "";
    video.addEventListener("error", () => this.failed());
  }

  address(kind) {
    return this.root.dataset[NAMES[kind]] || "";
  }

  best(low) {
    const saving = low || (navigator.connection && navigator.connection.saveData);
    return ORDER[saving ? "low" : "full"].find((kind) => this.address(kind));
  }

  async load(kind, at) {
    await this.renewIfOld(false);
    this.drop();
    this.current = kind;
    this.video.preload = "metadata"; // who pressed Play pays already; a paused change of quality keeps its place
    const address = this.address(kind);
    if (kind === "hls" && !this.plays(HLS)) await this.attach(address, at);
    else this.video.src = address;
    if (at > 0) this.goTo(at);
  }

  plays(type) {
    return !this.nativeFailed && Boolean(this.video.canPlayType(type));
  }

  goTo(at) {
    if (this.video.readyState > 0) this.video.currentTime = at;
    else this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = at), { once: true });
  }

  // hls.js comes only when this browser cannot play HLS by itself.
  async attach(address, at) {
    const { default: Hls } = await import("hls.js/light");
    this.hls = new Hls({ enableWorker: false, capLevelToPlayerSize: true, startPosition: at > 0 ? at : -1 });
    this.hls.on(Hls.Events.ERROR, (_event, error) => {
      if (error.fatal) this.failed(error);
    });
    this.hls.loadSource(address);
    this.hls.attachMedia(this.video);
  }

  drop() {
    if (this.hls) this.hls.destroy();
    this.hls = null;
  }

  get isOld() {
    const expires = Number(this.root.dataset.expires || 0);
    return expires > 0 && Date.now() / 1000 > expires - RENEW_BEFORE_S;
  }

  async renewIfOld(reload = true) {
    if (!this.isOld || !(await this.renew()) || !reload) return;
    await this.load(this.current, this.video.currentTime);
  }

  async renew() {
    const address = this.root.dataset.renew;
    if (!address) return false;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return false;
    const { expires_at: expires, ...fresh } = await answer.json();
    for (const [kind, url] of Object.entries(fresh)) if (NAMES[kind]) this.root.dataset[NAMES[kind]] = url;
    if (expires) this.root.dataset.expires = expires;
    return true;
  }

  // A browser that promised HLS and failed gets hls.js; then one renewal for each place where it stopped.
  async failed() {
    const at = this.video.currentTime;
    const again = async () => {
      await this.load(this.current, at);
      this.video.play().catch(() => this.broken());
    };
    if (this.current === "hls" && !this.hls && !this.nativeFailed && globalThis.MediaSource) {
      this.nativeFailed = true;
      await again();
    } else if (this.stoppedAt !== at && (await this.renew())) {
      this.stoppedAt = at;
      await again();
    } else this.broken();
  }
}
