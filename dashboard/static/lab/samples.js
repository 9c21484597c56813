// Samples as they come (detector/waves.py): read from their bytes, kept for as long as the widest window shows them.

const HEADER_BYTES = 40;
const MISSING = -32768;
const COUNTS = 1;
const KEPT_S = 31, LOSS_S = 60;
const AXES = 3;

/** A chunk's bytes as a table; null where they are none. */
export function read(buffer) {
  const bytes = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || String.fromCharCode(...new Uint8Array(buffer, 0, 4)) !== "CWW1") return null;
  const channels = bytes.getUint16(32, true), ratio = bytes.getUint16(34, true), samples = bytes.getUint16(36, true);
  const scaled = channels + (ratio ? 1 : 0);
  const scales = Array.from({ length: scaled }, (_, i) => [bytes.getFloat64(HEADER_BYTES + 16 * i, true), bytes.getFloat64(HEADER_BYTES + 8 + 16 * i, true)]);
  let at = HEADER_BYTES + 16 * scaled;
  const run = (count, [gain, bias]) => {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i += 1, at += 2) { const found = bytes.getInt16(at, true); values[i] = found === MISSING ? NaN : found * gain + bias; }
    return values;
  };
  const emg = Array.from({ length: channels }, (_, i) => run(samples, scales[i]));
  const acc = ratio ? Array.from({ length: AXES }, () => run(samples / ratio, scales[channels])) : [];
  return {
    sequence: bytes.getUint32(4, true), first: Number(bytes.getBigUint64(8, true)), start: bytes.getFloat64(16, true), rate: bytes.getFloat64(24, true),
    ratio, samples, inUv: !(bytes.getUint16(38, true) & COUNTS), emg, acc,
  };
}

/** The last half minute of one sensor; what did not come is NaN. */
export class Samples {
  constructor() { this.clear(); }

  clear() { Object.assign(this, { rate: 0, ratio: 0, end: 0, endS: 0, emg: [], acc: [], inUv: true, lost: [] }); }

  take(chunk) {
    const isOther = chunk.rate !== this.rate || chunk.emg.length !== this.emg.length || chunk.ratio !== this.ratio || chunk.first < this.end;
    // Another recording, or a sensor that was away for longer than is kept.
    if (isOther || chunk.first - this.end > KEPT_S * chunk.rate) this.begin(chunk);
    const missing = chunk.first - this.end;
    for (const [i, values] of chunk.emg.entries()) push(this.emg[i], values, missing);
    for (const [i, values] of chunk.acc.entries()) push(this.acc[i], values, missing / chunk.ratio);
    this.end = chunk.first + chunk.samples;
    this.endS = chunk.start + chunk.samples / chunk.rate;
    this.lost.push([this.endS, missing, chunk.samples]);
    while (this.lost[0][0] < this.endS - LOSS_S) this.lost.shift();
  }

  begin(chunk) {
    const ring = (rate) => ({ values: new Float32Array(Math.ceil(KEPT_S * rate)).fill(NaN), next: 0, rate });
    Object.assign(this, { rate: chunk.rate, ratio: chunk.ratio, inUv: chunk.inUv, end: chunk.first, lost: [] });
    this.emg = chunk.emg.map(() => ring(chunk.rate));
    this.acc = chunk.acc.map(() => ring(chunk.rate / chunk.ratio));
  }

  /** Share of the last minute's samples that never came. */
  get loss() {
    const [missing, came] = this.lost.reduce(([a, b], [, m, n]) => [a + m, b + n], [0, 0]);
    return missing + came ? missing / (missing + came) : 0;
  }

  /** The newest seconds of a ring, oldest first. */
  last(ring, seconds) {
    const { values, next } = ring, count = Math.min(values.length, Math.round(seconds * ring.rate));
    const found = new Float32Array(count), from = (next - count + values.length) % values.length;
    const first = Math.min(count, values.length - from);
    found.set(values.subarray(from, from + first));
    found.set(values.subarray(0, count - first), first);
    return found;
  }
}

function push(ring, values, missing) {
  const { length } = ring.values;
  for (let i = 0; i < Math.min(missing, length); i += 1) { ring.values[ring.next] = NaN; ring.next = (ring.next + 1) % length; }
  for (const value of values) { ring.values[ring.next] = value; ring.next = (ring.next + 1) % length; }
}
