/** The two languages of the page. */
export type Language = 'zh' | 'en'

/** Switches the document and keeps the choice for a year; the server reads it before the first line is drawn. */
export function remember(language: Language) {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  document.cookie = `lang=${language}; Path=/; Max-Age=31536000; SameSite=Strict; Secure`
}

/** What the server, or an earlier choice, set. */
export function current(): Language {
  return document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'
}
