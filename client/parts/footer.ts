import { html, nothing } from 'lit'
import { isFinished } from '../outline.ts'
import { type Act, isolated, type Shown } from './shown.ts'

/** Who started it, and what can be done. */
export function footerPart(shown: Shown, act: Act) {
  const { more } = shown
  return html`
    ${more?.refusal(shown)}
    <footer part="footer">${more?.question(shown) ?? usual(shown, act)}</footer>
  `
}

function usual(shown: Shown, act: Act) {
  const { words, withLogs, logsOpen, withActions, waterfallOpen, run, more } = shown
  return html`
    <bdi class="who">${more?.operation(shown) ?? startedText(shown)}</bdi>
    <slot name="footer"></slot>
    ${
      run.startedAt === null
        ? nothing
        : html`<button part="button" aria-pressed=${waterfallOpen} @click=${() => act((it) => it.toggleWaterfall())}>${words.timeline}</button>`
    }
    ${
      withLogs
        ? html`<button part="button" aria-expanded=${logsOpen} @click=${() => act((it) => it.toggleLogs())}>${words.logs}</button>`
        : nothing
    }
    ${withActions ? actionButton(shown, act) : nothing}
  `
}

function startedText({ run, words, formats }: Shown): string {
  const who = isolated(run.createdBy)
  if (run.startedAt === null) return words.createdBy(formats.time(run.createdAt), who)
  return words.startedBy(formats.time(run.startedAt), who)
}

function actionButton({ run, words, more }: Shown, act: Act) {
  const pending = more?.asking.state === 'pending' ? more.asking.type : null
  if (!isFinished(run)) {
    return html`
      <button part="button" id="act" aria-disabled=${pending !== null} @click=${() => act((it) => it.withMore((more) => more.askCancel()))}>
        ${pending === 'cancel' ? words.cancelling : words.cancel}
      </button>
    `
  }
  if (run.status === 'completed') return nothing
  return html`
    <button
      class="main"
      id="act"
      part="button button-main"
      aria-disabled=${pending !== null}
      @click=${() => act((it) => it.withMore((more) => more.askRetry(null)))}
    >
      ${pending === 'retry' ? words.retrying : words.retry}
    </button>
  `
}
