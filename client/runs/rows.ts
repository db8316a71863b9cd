import { html, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { isolated } from '../parts/shown.ts'
import { STATUSES } from './filter.ts'
import { linkPart } from './link.ts'
import type { Place } from './places.ts'
import { rowPart } from './row.ts'
import { type RunsDoings, type ShownRuns, titleOf } from './shown.ts'

/** The column headings, and beside them the new runs and the connection: always there, so that nothing moves. */
export function headPart(shown: ShownRuns, doings: RunsDoings) {
  const { own, formats, waiting, withActions, places, selected } = shown
  const isAll = places.length > 0 && places.every(({ run }) => selected.has(run.id))
  return html`
    <div class="head">
      ${
        withActions
          ? html`<label class="pick"><input type="checkbox" aria-label=${own.selectAll} .checked=${isAll} .indeterminate=${!isAll && selected.size > 0} ?disabled=${places.length === 0} @change=${({ target }: Event) => doings.selectAll((target as HTMLInputElement).checked)} /></label>`
          : nothing
      }
      <span aria-hidden="true">${own.run}</span>
      <span aria-hidden="true">${own.state}</span>
      <span aria-hidden="true">${own.now}</span>
      <span class="end">
        ${waiting > 0 ? html`<button class="pill" part="new" @click=${doings.letIn}>↑ ${own.newRuns(waiting, formats.number(waiting))}</button>` : nothing}
        ${linkPart(shown)}
      </span>
    </div>
  `
}

export function rowsPart(shown: ShownRuns, doings: RunsDoings) {
  const { places, isGrouped, words, formats, own } = shown
  const list = (of: readonly Place[], label: string) => html`
    <ul class="rows" aria-label=${label}>
      ${repeat(
        of,
        ({ run }) => run.id,
        (place) => rowPart(place, shown, doings),
      )}
    </ul>
  `
  if (!isGrouped) return list(places, own.label)
  const groups = Map.groupBy(places, ({ group }) => group)
  return repeat(
    STATUSES.filter((status) => groups.has(status)),
    (status) => status,
    (status) => {
      const of = groups.get(status) ?? []
      return html`
        <h2 class="group">${words.run[status]} <span>${formats.number(of.length)}</span></h2>
        ${list(of, words.run[status])}
      `
    },
  )
}

/** The runs that were deleted recently; empty: none. */
export function deletedText({ deleted, own, formats, language }: ShownRuns): string {
  const [run, ...rest] = deleted
  if (run === undefined) return ''
  return rest.length === 0
    ? own.wasDeleted(isolated(titleOf(run, language)))
    : own.wereDeleted(formats.number(deleted.length))
}

/** Below the rows, so that no row moves. */
export function deletedPart(shown: ShownRuns) {
  const text = deletedText(shown)
  return text === '' ? nothing : html`<p class="older deleted" part="deleted">${text}</p>`
}

/** The button for older runs, or a note that there are none. */
export function olderPart(shown: ShownRuns, doings: RunsDoings) {
  const { own, formats, pages, hasOlder, refusal } = shown
  const hasRead = pages.runs.length > 0
  if (refusal !== null || (!hasOlder && !hasRead && pages.error === null)) return nothing
  const at = pages.readAt === null || !hasRead ? '' : formats.clock(new Date(pages.readAt).toISOString())
  return html`
    <div class="older">
      ${at === '' ? nothing : html`<span>${own.asOf(at)}</span><button class="quiet" @click=${doings.readAgain}>${own.readAgain}</button>`}
      ${pages.error ? html`<span class="wrong" role="alert">${own.notOlder} ${pages.error.detail ?? own.unreachable}</span>` : nothing}
      ${
        hasOlder
          ? html`<button @click=${doings.older} aria-disabled=${pages.isReading}>${pages.isReading ? own.loadingOlder : own.older}</button>`
          : html`<span>${own.noOlder}</span>`
      }
    </div>
  `
}
