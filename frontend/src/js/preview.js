// A small frame above the seek bar, cut from the storyboard picture, which is fetched at the first touch.
export class Preview {
  constructor(root, part, clock) {
    this.board = root.dataset;
    this.part = part;
    this.clock = clock;
    const seek = part("seek");
    seek.addEventListener("pointermove", (event) => this.show(event));
    seek.addEventListener("pointerleave", () => (part("preview").hidden = true));
  }

  show(event) {
    const seek = this.part("seek");
    const box = seek.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const at = share * Number(seek.max);
    const preview = this.part("preview");
    preview.hidden = false;
    preview.style.left = `${Math.min(box.width - 90, Math.max(90, share * box.width))}px`;
    this.part("preview-time").textContent = this.clock(at);
    this.draw(at);
  }

  draw(at) {
    this.at = at;
    if (!this.picture) {
      this.picture = new Image();
      this.picture.onload = () => this.draw(this.at);
      this.picture.src = this.board.board;
    }
    if (!this.picture.complete || !this.picture.naturalWidth) return;
    const [columns, width, height] = ["boardColumns", "boardWidth", "boardHeight"].map((name) => Number(this.board[name]));
    const n = Math.floor(at / Number(this.board.boardInterval));
    const frame = this.part("frame");
    frame.hidden = false;
    frame.width = width;
    frame.height = height;
    const [x, y] = [(n % columns) * width, Math.floor(n / columns) * height];
    frame.getContext("2d").drawImage(this.picture, x, y, width, height, 0, 0, width, height);
  }
}
