// Numbers and ranges as people write them, the part of mlcore/numbers.py that a slider needs.

const POWER = { k: 3, m: 6, mn: 6, b: 9, bn: 9, t: 12, 千: 3, 万: 4, 百万: 6, 千万: 7, 亿: 8, 十亿: 9, 万亿: 12 };
const NUMBER = /^(-?)(?:US\$|\$|USD ?)?(\d[\d,]*(?:\.\d+)?|\.\d+)(e[+-]?\d+)? ?(百万|千万|十亿|万亿|千|万|亿|mn|bn|[kmbt])?(%)?$/i;
const BETWEEN = /\s+to\s+|\s*[~–—到至]\s*/i;
const FAMILY = /\s+as\s+\S+$/i;

/** {values, percent, family} of a box's text; null when it is not yet a number. `family` is the " as …" that was typed. */
export function read(text) {
  const plain = text.normalize("NFKC").replaceAll("−", "-").trim();
  const family = plain.match(FAMILY)?.[0] ?? "";
  const ends = plain.slice(0, plain.length - family.length).split(BETWEEN).map(one);
  if (ends.length > 3 || ends.some((end) => !end)) return null;
  const percent = ends.at(-1).percent;
  const values = ends.map((end) => (percent && !end.percent ? end.value / 100 : end.value));
  return { values, percent: ends.some((end) => end.percent), family };
}

function one(text) {
  const found = text.trim().match(NUMBER);
  if (!found) return null;
  const [, sign, digits, exponent = "", magnitude = "", percent] = found;
  const power = POWER[magnitude.toLowerCase()] ?? 0;
  const value = Number(`${sign}${digits.replaceAll(",", "")}${exponent}`) * 10 ** power;
  return { value: percent ? value / 100 : value, percent: Boolean(percent) };
}

/** Text of `value` to three significant digits that the server reads back: 3.2M, 34,500, 12.5%. */
export function write(value, { percent = false, whole = false } = {}) {
  if (percent) return `${plain(round(value * 100))}%`;
  const rounded = whole ? Math.round(round(value)) : round(value);
  for (const [suffix, power] of [["T", 12], ["B", 9], ["M", 6], ["k", 3]]) {
    const scaled = Math.abs(rounded) / 10 ** power;
    if (scaled >= (power === 3 ? 10 : 1) && (!whole || power > 3)) return `${plain(round(rounded / 10 ** power))}${suffix}`;
  }
  return plain(rounded);
}

const round = (value) => Number(value.toPrecision(3));
const plain = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 12 });
