// What a second of samples tells of the electrodes. Pure.

const CORNER_HZ = 20;
const MAINS_HZ = [50, 60];

/** RMS about the mean; NaN where nothing came. */
export function rms(values) {
  let sum = 0, squares = 0, count = 0;
  for (const value of values) if (!Number.isNaN(value)) { sum += value; squares += value * value; count += 1; }
  return count ? Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)) : NaN;
}

/** The stronger of the two mains frequencies: its RMS and which it is (Goertzel 1958). */
export function mains(values, rate) {
  if (values.length < rate / 4 || values.some(Number.isNaN)) return { hz: MAINS_HZ[0], value: NaN };
  // Whole cycles of both, so that neither leaks into the other.
  const count = Math.floor(values.length / (rate / 10)) * Math.round(rate / 10);
  const strengths = MAINS_HZ.map((hz) => {
    const step = 2 * Math.cos((2 * Math.PI * hz) / rate);
    let before = 0, last = 0;
    for (let i = values.length - count; i < values.length; i += 1) [before, last] = [last, values[i] + step * last - before];
    const power = before * before + last * last - step * before * last;
    return { hz, value: Math.sqrt(Math.max(0, 2 * power)) / count };
  });
  return strengths[0].value >= strengths[1].value ? strengths[0] : strengths[1];
}

/** A second-order Butterworth high-pass at 20 Hz, run over the values; missing ones begin it anew. */
export function highPassed(values, rate) {
  const k = Math.tan((Math.PI * CORNER_HZ) / rate), norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const a1 = 2 * (k * k - 1) * norm, a2 = (1 - Math.SQRT2 * k + k * k) * norm;
  const found = new Float32Array(values.length);
  let x1 = NaN, x2 = NaN, y1 = 0, y2 = 0;
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i];
    if (Number.isNaN(x)) { found[i] = NaN; x1 = NaN; continue; }
    if (Number.isNaN(x1)) { x1 = x; x2 = x; y1 = 0; y2 = 0; }
    const y = norm * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    found[i] = y;
  }
  return found;
}

/** A curve of the newest values, for `drawExtremes` or `drawLine`: in at most two bins a pixel. */
export function curve(values, end, rate, pixels) {
  const start = end - values.length / rate, group = Math.floor(values.length / Math.max(1, pixels));
  if (group < 3) return { start, step: 1 / rate, bins: values.length, isExtremes: false, at: (i) => values[i] };
  const bins = Math.floor(values.length / group), pairs = new Float32Array(2 * bins), skip = values.length - bins * group;
  for (let bin = 0; bin < bins; bin += 1) {
    let low = Infinity, high = -Infinity;
    for (let i = skip + bin * group; i < skip + (bin + 1) * group; i += 1) { if (values[i] < low) low = values[i]; if (values[i] > high) high = values[i]; }
    pairs[2 * bin] = low <= high ? low : NaN;
    pairs[2 * bin + 1] = low <= high ? high : NaN;
  }
  return { start: start + skip / rate, step: group / rate, bins, isExtremes: true, at: (i) => pairs[i] };
}
