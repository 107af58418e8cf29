import { locale } from "./index";

const whole = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const dayAndTime = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const shortDayAndTime = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long", hourCycle: "h23" });
const onlyDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const onlyTime = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export const formatNumber = (value: number): string => whole.format(value);
export const formatCompact = (value: number): string => compact.format(value);

/** A change with its sign: +12, −3, 0. */
export function formatDelta(value: number): string {
  if (value === 0) return "0";
  return `${value > 0 ? "+" : "−"}${whole.format(Math.abs(value))}`;
}

/** Day and time; the year only when it is not the present one. */
export function formatMoment(iso: string, now: Date = new Date()): string {
  const moment = new Date(iso);
  const sameYear = moment.getFullYear() === now.getFullYear();
  return (sameYear ? shortDayAndTime : dayAndTime).format(moment);
}

export const formatExact = (iso: string): string => dayAndTime.format(new Date(iso));
export const formatFull = (iso: string): string => full.format(new Date(iso));
export const formatDay = (iso: string): string => onlyDay.format(new Date(iso));
export const formatClock = (moment: Date): string => onlyTime.format(moment);

/** How long ago, in one unit: "5 min. ago", "yesterday". */
export function formatAgo(iso: string, now: Date = new Date()): string {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(Math.trunc(seconds), "second");
}

/** The local value an `<input type="datetime-local">` expects, and back. */
export function toLocalInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
