// Windows of a night's signals: asked for, read from their bytes (dashboard/wave_format.py), and kept while the next comes.

const HEADER_BYTES = 48;
const ALIGNED = 8;
const SAMPLES = 0, EXTREMES = 1, FLOATS = 2;
const MISSING = -32768;
// A window is asked for with so much to either side, so that moving has something to show at once.
const MARGIN = 0.15;
// More than two pixels of a screen to one of CSS cannot be told apart at arm's length.
const MOST_PIXEL_RATIO = 2;

/** The chunks of an answer as { name: [curve] }; a curve's `at(i)` gives values, NaN where nothing came. */
export function decode(buffer, names) {
  const curves = Object.fromEntries(names.map((name) => [name, []]));
  const bytes = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength;) {
    const kind = bytes.getUint16(at + 4, true), name = names[bytes.getUint16(at + 6, true)];
    const start = bytes.getFloat64(at + 8, true), step = bytes.getFloat64(at + 16, true);
    const bins = bytes.getUint32(at + 24, true), flagBytes = bytes.getUint32(at + 28, true);
    const scale = bytes.getFloat64(at + 32, true), offset = bytes.getFloat64(at + 40, true);
    const values = kind === FLOATS ? new Float32Array(buffer, at + HEADER_BYTES, bins)
      : new Int16Array(buffer, at + HEADER_BYTES, bins * (kind === EXTREMES ? 2 : 1));
    const body = values.byteLength + flagBytes;
    const flags = new Uint8Array(buffer, at + HEADER_BYTES + values.byteLength, flagBytes);
    const read = kind === FLOATS ? (i) => values[i] : (i) => (values[i] === MISSING ? NaN : values[i] * scale + offset);
    curves[name].push({ start, step, bins, flags, isExtremes: kind === EXTREMES, isRaw: kind === SAMPLES, at: read });
    at += HEADER_BYTES + body + ((ALIGNED - (body % ALIGNED)) % ALIGNED);
  }
  return curves;
}

/** Lowest and highest value in a window, bins beside a missing sample and spans to leave out not counted. */
export function limits(curves, start, end, isLeftOut = () => false) {
  let low = Infinity, high = -Infinity;
  for (const curve of curves) {
    const first = Math.max(0, Math.floor((start - curve.start) / curve.step));
    const last = Math.min(curve.bins, Math.ceil((end - curve.start) / curve.step));
    for (let i = first; i < last; i += 1) {
      if (curve.flags[i] || isLeftOut(curve.start + (i + 0.5) * curve.step)) continue;
      const least = curve.at(curve.isExtremes ? 2 * i : i), most = curve.at(curve.isExtremes ? 2 * i + 1 : i);
      if (least < low) low = least;
      if (most > high) high = most;
    }
  }
  return low <= high ? [low, high] : null;
}

/** Asks for the newest window wanted, one at a time: what was passed over on the way is never asked for. */
export class Windows {
  constructor(address, names, { onCurves, onBusy, onError }) {
    Object.assign(this, { address, names, onCurves, onBusy, onError, wanted: null, busy: false, channel: 0 });
  }

  want(start, end, pixels) {
    const margin = (end - start) * MARGIN;
    const px = Math.round(pixels * Math.min(devicePixelRatio, MOST_PIXEL_RATIO) * (1 + 2 * MARGIN));
    this.wanted = new URLSearchParams({ ch: this.names.join(), t0: (start - margin).toFixed(4), t1: (end + margin).toFixed(4), px, channel: this.channel });
    if (!this.busy) this.ask();
  }

  async ask() {
    this.busy = true;
    this.onBusy(true);
    while (this.wanted) {
      const query = this.wanted, { names } = this;
      this.wanted = null;
      try {
        const answer = await fetch(`${this.address}/wave?${query}`);
        if (!answer.ok) throw new Error(await answer.text());
        this.onCurves(decode(await answer.arrayBuffer(), names), query);
      } catch (error) {
        this.onError(error);
      }
    }
    this.busy = false;
    this.onBusy(false);
  }
}
