import { html, nothing } from 'lit'
import { type BulkState, type BulkType, type Outcome, picked } from './bulk.ts'
import { type RunsDoings, type ShownRuns, titleOf } from './shown.ts'

/** The actions on the selected runs, their question, and the outcome of each. Below the rows, so that no row moves. */
export function bulkPart(shown: ShownRuns, doings: RunsDoings) {
  const { bulk, selected } = shown
  if (bulk.state === 'idle' && selected.size === 0) return nothing
  return html`
    <div class="bulk" id="bulk" part="bulk" role="group" tabindex="-1" aria-label=${shown.own.selected(selected.size, String(selected.size))}>
      ${bulk.state === 'idle' ? choicePart(shown, doings) : statePart(bulk, shown, doings)}
    </div>
  `
}

function choicePart(shown: ShownRuns, doings: RunsDoings) {
  const { own, formats, selected } = shown
  const [cancellable, retryable] = [picked('cancel', shown).length, picked('retry', shown).length]
  const written = (count: number) => formats.number(count)
  return html`
    <p>${own.selected(selected.size, written(selected.size))}</p>
    <button class="quiet" @click=${() => doings.selectAll(false)}>${own.unselect}</button>
    ${cancellable > 0 ? html`<button id="cancel" @click=${() => doings.ask('cancel')}>${own.cancel(cancellable, written(cancellable))}</button>` : nothing}
    ${retryable > 0 ? html`<button id="retry" @click=${() => doings.ask('retry')}>${own.retry(retryable, written(retryable))}</button>` : nothing}
  `
}

function statePart(bulk: Exclude<BulkState, { state: 'idle' }>, shown: ShownRuns, doings: RunsDoings) {
  const { own, formats } = shown
  const written = (count: number) => formats.number(count)
  if (bulk.state === 'working') return html`<p>${own.working(written(bulk.done), written(bulk.total))}</p>`
  if (bulk.state === 'over') return overPart(bulk.type, bulk.outcomes, shown, doings)
  const count = picked(bulk.type, shown).length
  const isCancel = bulk.type === 'cancel'
  const [ask, yes] = isCancel ? [own.cancelQuestion, own.cancel] : [own.retryQuestion, own.retry]
  return html`
    <p>${ask(count, written(count))}</p>
    <button id="keep" @click=${doings.dismiss}>${own.keep}</button>
    <button class=${isCancel ? 'danger' : 'main'} @click=${doings.go}>${yes(count, written(count))}</button>
  `
}

function overPart(type: BulkType, outcomes: readonly Outcome[], shown: ShownRuns, doings: RunsDoings) {
  const { own, formats, language } = shown
  const [done, not] = [outcomes.filter(({ why }) => why === null), outcomes.filter(({ why }) => why !== null)]
  const said = type === 'cancel' ? own.cancelled : own.retried
  return html`
    <div class="outcome" role="status">
      ${done.length > 0 ? html`<p>${said(done.length, formats.number(done.length))}</p>` : nothing}
      ${not.length > 0 ? html`<p class="wrong">${own.notDone(not.length, formats.number(not.length))}</p>` : nothing}
      <ul>
        ${not.map(({ run, why }) => html`<li><b>${titleOf(run, language)}</b> ${reasonOf(why, shown)}</li>`)}
      </ul>
    </div>
    <button @click=${doings.dismiss}>${own.dismiss}</button>
  `
}

function reasonOf(why: Outcome['why'], { own }: ShownRuns): string {
  if (why === null) return ''
  if (why === 'handed over') return own.handedOver
  return why.detail ?? (why.status === null ? own.unreachable : why.message)
}
