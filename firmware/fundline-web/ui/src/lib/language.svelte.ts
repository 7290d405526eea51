import { current, remember, type Language } from './cookie'
import { en } from '../texts/en'
import { zh } from '../texts/zh'

/** The chosen language and all its words. */
class Words {
  language = $state<Language>(current())
  text = $derived(this.language === 'zh' ? zh : en)

  choose(language: Language) {
    this.language = language
    remember(language)
  }
}

export const words = new Words()
