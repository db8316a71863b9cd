import { html, nothing } from 'lit'
import { isFinished } from '../outline.ts'
import { type Act, isolated, type Shown } from './shown.ts'

/** Who started the run, and the actions on it. */
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

/** One button for both actions, so that it keeps the focus when a cancelled run has ended. */
function actionButton(shown: Shown, act: Act) {
  const { run, words, more } = shown
  if (run.status === 'completed') return nothing
  const isOver = isFinished(run)
  const doing = more?.doing(shown)
  return html`
    <button
      class=${isOver ? 'main' : ''}
      id="act"
      part="button ${isOver ? 'button-main' : ''}"
      aria-disabled=${!!doing}
      @click=${() => act((it) => it.withMore((more) => (isOver ? more.askRetry(null) : more.askCancel())))}
    >
      ${doing ?? (isOver ? words.retry : words.cancel)}
    </button>
  `
}
