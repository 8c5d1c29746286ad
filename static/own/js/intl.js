// Figures in the reader's language, for what only the browser can write: chart ticks and live readings.

const chinese = document.documentElement.lang.startsWith("zh");
export const locale = chinese ? "zh-CN" : "en-US";

const writers = new Map();
function writer(kind, options) {
  if (!writers.has(kind)) writers.set(kind, new Intl.NumberFormat(locale, options));
  return writers.get(kind);
}

/** `value` with its unit, short enough for a tick: $2M, US$200万, 12%, 1.5K, Aug 2028. */
export function tick(value, unit = "") {
  if (unit === "month") return month.format(new Date(value));
  if (unit === "year") return String(value);
  const base = unit.split("/")[0];
  let text;
  if (base === "USD") {
    const compact = Math.abs(value) >= 1000 ? { notation: "compact", maximumFractionDigits: 1 } : { maximumSignificantDigits: 3 };
    text = writer(`usd${Math.abs(value) >= 1000}`, { style: "currency", currency: "USD", minimumFractionDigits: 0, ...compact }).format(value);
  } else if (base === "%") {
    text = writer("share", { style: "percent", maximumFractionDigits: 1 }).format(value);
  } else {
    text = writer("plain", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
  }
  return text.replace("-", "−");
}

const month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
/** The time of day of `date`: 12:04:31. */
export const timeOfDay = (date) => clock.format(date);

/** A length of time as a running clock shows it: 0:42, 12:04, 1:02:03. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `value` to so many significant digits, grouped: 3.142, 1,234. */
export function decimal(value, digits = 4) {
  return writer(`decimal${digits}`, { maximumSignificantDigits: digits }).format(value).replace("-", "−");
}
