// The sign-in works without this script; with it, the answer comes without a new page, and the language can be chosen.
import './base.css'
import './signin.css'
import { remember, type Language } from './lib/cookie'

const root = document.documentElement
const form = document.querySelector('form')
const submit = form?.querySelector('button')

function say(message: string, seconds?: number) {
  for (const place of document.querySelectorAll<HTMLElement>('[data-wait]')) {
    if (seconds === undefined) continue
    const chinese = place.closest('[data-zh]') !== null
    place.textContent = chinese ? `等待 ${seconds} 秒后` : `in ${seconds} s`
  }
  root.dataset.message = message
}

async function signIn(form: HTMLFormElement) {
  const body = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.set(name, value)
  const response = await fetch('/api/login', { method: 'POST', body, headers: { accept: 'application/json' } })
  if (response.ok) {
    location.replace(`/${location.hash}`)
    return
  }
  const { error } = await response.json()
  say(error.code, error.seconds)
  form.querySelector<HTMLInputElement>('[name=password]')?.select()
}

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  if (submit) submit.disabled = true
  say('none')
  signIn(form)
    .catch(() => say('unreachable'))
    .finally(() => {
      if (submit) submit.disabled = false
    })
})

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-language]')) {
  button.addEventListener('click', () => remember(button.dataset.language as Language))
}
