/** Dates at the start of log lines, read by hand: RFC 3164 with or without a year, ISO 8601, Unix seconds. */

const DAY_MS = 86_400_000;
/** A year-less date this far behind the line before it belongs to the next year; less is mere disorder. */
const NEW_YEAR_GAP_DAYS = 31;
/** A year-less date this far ahead is a late line of the old year. */
const OLD_YEAR_GAP_DAYS = 300;
const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
const weekdays = "MonTueWedThuFriSatSun";

export interface TimestampOptions {
  /** Year of the first date that names none. */
  readonly year?: number | undefined;
  /** Without `year`: the first year-less date is the last such day before this moment (epoch milliseconds). */
  readonly now: number;
}

function digit(text: string, at: number): number {
  const code = text.charCodeAt(at) - 48;
  return code >= 0 && code <= 9 ? code : Number.NaN;
}

/** NaN where there are not two digits. */
function two(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function monthAt(text: string, at: number): number {
  const index = months.indexOf(text.substring(at, at + 3));
  return index >= 0 && index % 3 === 0 && text.length >= at + 3 ? index / 3 : -1;
}

/** Reads one date after another; remembers the year between year-less ones. */
export class TimestampReader {
  /** Where the text after the last date begins. */
  end = 0;
  readonly #options: TimestampOptions;
  #year: number | null = null;
  #lastDayMs = 0;
  /** "Dec 10 " of the last year-less date, for files are long runs of the same day. */
  #cachedDay = "";
  #cachedDayMs = 0;

  constructor(options: TimestampOptions) {
    this.#options = options;
  }

  /** Epoch milliseconds, and `end` behind the date; null when there is no date at `at`. */
  read(text: string, at: number): number | null {
    const first = text.charCodeAt(at);
    if (first >= 48 && first <= 57) return this.#readIso(text, at) ?? this.#readUnix(text, at);
    const name = text.substring(at, at + 3);
    const weekday = weekdays.indexOf(name);
    if (weekday >= 0 && weekday % 3 === 0 && name.length === 3 && text.charCodeAt(at + 3) === 32)
      return this.#readIso(text, at + 4) ?? this.#readMonth(text, at + 4);
    return this.#readMonth(text, at);
  }

  /** `Dec 10 06:55:46`, `Dec  1 06:55:46.123`, `Dec 10 2015 06:55:46`, `Dec 10 06:55:46 2015`. */
  #readMonth(text: string, at: number): number | null {
    const day = text.substring(at, at + 7);
    if (day === this.#cachedDay && day !== "") {
      const clockMs = this.#clock(text, at + 7);
      if (clockMs === null) return null;
      if (!this.#isYear(text, this.end)) return this.#cachedDayMs + clockMs;
    }
    const month = monthAt(text, at);
    if (month < 0 || text.charCodeAt(at + 3) !== 32) return null;
    let here = at + 4;
    if (text.charCodeAt(here) === 32) here += 1;
    let date = digit(text, here);
    here += 1;
    if (!Number.isNaN(digit(text, here))) date = date * 10 + digit(text, here++);
    if (!(date >= 1 && date <= 31) || text.charCodeAt(here) !== 32) return null;
    here += 1;
    let year: number | null = null;
    if (this.#isYear(text, here)) {
      year = Number(text.substring(here, here + 4));
      here += 5;
    }
    const clockMs = this.#clock(text, here);
    if (clockMs === null) return null;
    if (year === null && this.#isYear(text, this.end)) {
      year = Number(text.substring(this.end, this.end + 4));
      this.end += 5;
    }
    if (year !== null) return Date.UTC(year, month, date) + clockMs;
    const dayMs = this.#withoutYear(month, date);
    if (here === at + 7) {
      this.#cachedDay = day;
      this.#cachedDayMs = dayMs;
    }
    return dayMs + clockMs;
  }

  /** A year and a blank, and no address or number that happens to begin with four digits. */
  #isYear(text: string, at: number): boolean {
    const century = two(text, at);
    return (century === 19 || century === 20) && two(text, at + 2) >= 0 && text.charCodeAt(at + 4) === 32;
  }

  #withoutYear(month: number, date: number): number {
    this.#year ??= this.#firstYear(month, date);
    let dayMs = Date.UTC(this.#year, month, date);
    if (this.#lastDayMs === 0) return (this.#lastDayMs = dayMs);
    const aheadDays = (dayMs - this.#lastDayMs) / DAY_MS;
    if (aheadDays > OLD_YEAR_GAP_DAYS) return Date.UTC(this.#year - 1, month, date);
    if (aheadDays < -NEW_YEAR_GAP_DAYS) {
      this.#year += 1;
      dayMs = Date.UTC(this.#year, month, date);
    }
    return (this.#lastDayMs = dayMs);
  }

  #firstYear(month: number, date: number): number {
    if (this.#options.year !== undefined) return this.#options.year;
    const year = new Date(this.#options.now).getUTCFullYear();
    // A day of grace: the log may be of a zone that is ahead.
    return Date.UTC(year, month, date) > this.#options.now + DAY_MS ? year - 1 : year;
  }

  /** `06:55:46`, with a fraction if there is one; `end` behind it and one blank. */
  #clock(text: string, at: number): number | null {
    const hour = two(text, at);
    const minute = two(text, at + 3);
    const second = two(text, at + 6);
    if (!(hour <= 23 && minute <= 59 && second <= 60)) return null;
    if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return null;
    this.end = at + 8;
    const clockMs = ((hour * 60 + minute) * 60 + second) * 1000 + this.#fraction(text);
    if (text.charCodeAt(this.end) === 32) this.end += 1;
    return clockMs;
  }

  #fraction(text: string): number {
    const mark = text.charCodeAt(this.end);
    if ((mark !== 46 && mark !== 44) || Number.isNaN(digit(text, this.end + 1))) return 0;
    let ms = 0;
    let unit = 100;
    let at = this.end + 1;
    for (; at - this.end < 10; at += 1) {
      const value = digit(text, at);
      if (Number.isNaN(value)) break;
      ms += value * unit;
      unit /= 10;
    }
    this.end = at;
    return Math.floor(ms + 1e-6);
  }

  /** `2015-12-10T06:55:46.123456+01:00`, also with a blank for T, without a zone, `+0100`, ` UTC`. */
  #readIso(text: string, at: number): number | null {
    if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return null;
    const year = two(text, at) * 100 + two(text, at + 2);
    const month = two(text, at + 5);
    const date = two(text, at + 8);
    if (!(year >= 0 && month >= 1 && month <= 12 && date >= 1 && date <= 31)) return null;
    const separator = text.charCodeAt(at + 10);
    if (separator !== 84 && separator !== 116 && separator !== 32) return null;
    const dayMs = Date.UTC(year, month - 1, date);
    const hadBlank = this.#clock(text, at + 11);
    if (hadBlank === null) return null;
    return dayMs + hadBlank - this.#zoneMs(text);
  }

  #zoneMs(text: string): number {
    const mark = text.charCodeAt(this.end);
    let zoneMs = 0;
    if (mark === 90 || mark === 122) this.end += 1;
    else if (mark === 43 || mark === 45) {
      const hours = two(text, this.end + 1);
      const colon = text.charCodeAt(this.end + 3) === 58 ? 1 : 0;
      const minutes = two(text, this.end + 3 + colon);
      if (!(hours <= 23)) return 0;
      this.end += minutes <= 59 ? 5 + colon : 3;
      zoneMs = (hours * 60 + (minutes <= 59 ? minutes : 0)) * 60_000 * (mark === 45 ? -1 : 1);
    } else if (text.startsWith("UTC ", this.end)) this.end += 3;
    if (text.charCodeAt(this.end) === 32) this.end += 1;
    return zoneMs;
  }

  /** `1449730546.123456` of `journalctl -o short-unix`. */
  #readUnix(text: string, at: number): number | null {
    let here = at;
    let seconds = 0;
    for (; here - at < 10; here += 1) {
      const value = digit(text, here);
      if (Number.isNaN(value)) return null;
      seconds = seconds * 10 + value;
    }
    if (text.charCodeAt(here) !== 46) return null;
    this.end = here;
    const timeMs = seconds * 1000 + this.#fraction(text);
    if (text.charCodeAt(this.end) !== 32) return null;
    this.end += 1;
    return timeMs;
  }
}
