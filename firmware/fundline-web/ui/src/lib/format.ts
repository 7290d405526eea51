import type { Language } from './cookie'

const tag = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en-GB')
const made = new Map<string, Intl.DateTimeFormat>()

function formatter(language: Language, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`
  let found = made.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(tag(language), { hourCycle: 'h23', ...options })
    made.set(key, found)
  }
  return found
}

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const

export const clock = (ms: number, language: Language) => formatter(language, 'clock', CLOCK).format(ms)
export const day = (ms: number, language: Language) => formatter(language, 'day', DAY).format(ms)
export const dayAndClock = (ms: number, language: Language) => `${day(ms, language)} ${clock(ms, language)}`

/** `0:07`, `12:03`, `1:02:09`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** The first and last millisecond of a day typed as `2026-07-01`, in the browser's own zone. */
export function dayRange(text: string): { begin: number; end: number } | null {
  const [year, month, date] = text.split('-').map(Number)
  if (!year || !month || !date) return null
  return { begin: new Date(year, month - 1, date).getTime(), end: new Date(year, month - 1, date + 1).getTime() }
}
