import { html, nothing, render } from 'lit'
import { base } from './place.ts'
import { pageWords } from './words/pick.ts'

/** Whether the reader declined to give a token, and has not clicked anything since. */
let isUnwanted = false

/** Asks for a token until the server accepts one; null: the reader declines. */
export function askForToken(wasRefused: boolean): Promise<string | null> {
  if (isUnwanted) return Promise.resolve(null)
  const dialog = document.createElement('dialog')
  dialog.className = 'card token'
  dialog.setAttribute('aria-labelledby', 'token-title')
  document.body.append(dialog)
  return new Promise((resolve) => {
    const end = (token: string | null) => {
      dialog.removeEventListener('close', decline)
      // not only removed: what had the focus before has it again
      dialog.close()
      dialog.remove()
      if (token === null) restUntilClick()
      resolve(token)
    }
    const decline = () => end(null)
    dialog.addEventListener('close', decline)
    const draw = (wrong: string, isBusy = false) => render(dialogPart(wrong, isBusy, submit, decline), dialog)
    async function submit(event: SubmitEvent) {
      event.preventDefault()
      const token = tokenIn(String(new FormData(event.target as HTMLFormElement).get('token') ?? ''))
      if (token === '') return
      draw('', true)
      const wrong = await whyNot(token)
      if (wrong === null) end(token)
      else draw(wrong)
      dialog.querySelector('input')?.focus()
    }
    draw(wasRefused ? words().tokenRefused : '')
    dialog.showModal()
  })
}

/** Requests that the page sends by itself every few seconds must not take the focus again; those of a reader may. */
function restUntilClick(): void {
  isUnwanted = true
  const end = () => {
    isUnwanted = false
  }
  addEventListener('click', end, { capture: true, once: true })
}

function dialogPart(wrong: string, isBusy: boolean, submit: (event: SubmitEvent) => void, leave: () => void) {
  const { tokenTitle, tokenHint, token, tokenGive, tokenLeave, tokenKept } = words()
  return html`
    <form method="dialog" @submit=${submit}>
      <h2 id="token-title">${tokenTitle}</h2>
      <p class="soft">${tokenHint}</p>
      <div class="field">
        <label for="token">${token}</label>
        <input id="token" name="token" type="password" autocomplete="off" spellcheck="false" required aria-invalid=${wrong !== ''} aria-describedby="token-about ${wrong === '' ? '' : 'token-wrong'}" />
        <p class="soft" id="token-about">${tokenKept}</p>
        ${wrong === '' ? nothing : html`<p class="wrong" id="token-wrong" role="alert">${wrong}</p>`}
      </div>
      <div class="buttons">
        <button type="button" class="plain" @click=${leave}>${tokenLeave}</button>
        <button class="main" aria-disabled=${isBusy}>${tokenGive}</button>
      </div>
    </form>
  `
}

/** Whoever copies it from a header copies the word before it, too. */
function tokenIn(text: string): string {
  return text.trim().replace(/^bearer\s+/i, '')
}

/** null: the server accepts the token, whatever it permits. */
async function whyNot(token: string): Promise<string | null> {
  // a header cannot hold anything else, such as the quotation marks of a chat
  if (!/^[!-~]+$/.test(token)) return words().tokenRefused
  try {
    const { status } = await fetch(`${base}/workflows`, { headers: { authorization: `Bearer ${token}` } })
    return status === 401 ? words().tokenRefused : null
  } catch {
    return words().unreachable
  }
}

function words() {
  return pageWords.for(document.documentElement.lang)
}
