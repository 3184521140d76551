// Speed and time left, smoothed over the last seconds so that the words stand still enough to be read.
const WINDOW_MS = 8000;
const MEBIBYTE = 1024 * 1024;

export class Pace {
  constructor() {
    this.marks = [];
  }

  at(sent, total, now = performance.now()) {
    this.marks.push({ sent, now });
    while (this.marks.length > 2 && now - this.marks[0].now > WINDOW_MS) this.marks.shift();
    const first = this.marks[0];
    const seconds = (now - first.now) / 1000;
    const speed = seconds > 0 ? (sent - first.sent) / seconds : 0;
    return { speed, left: speed > 0 ? (total - sent) / speed : Infinity };
  }
}

export function megabytes(bytes) {
  const size = bytes / MEBIBYTE;
  if (size >= 1000) return `${(size / 1024).toFixed(1)} GB`;
  return size >= 10 ? `${Math.round(size)} MB` : `${Math.max(size, 0.1).toFixed(1)} MB`;
}

export const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
