import { html, nothing } from 'lit'
import type { RunningStats, RunningStep } from '../../../db/contract.ts'
import { localized } from '../../languages.ts'
import { exactly, type Speech } from '../speech.ts'
import { figurePart } from './figure.ts'
import { barPart, drawnTable, namedPart } from './rows.ts'

/** Which step each of the running runs is in. */
export function runningPart({ running, at }: RunningStats, one: boolean, speech: Speech) {
  const { words, formats } = speech
  const sum = sumOf(running)
  const most = Math.max(...running.map(({ runs }) => runs))
  const rows = running.map(
    (each) => html`<tr>
      ${namedPart(nameOf(each, speech), one ? '' : each.workflow, barPart(each.runs / most, 'running'))}
      <td>${exactly(each.runs, formats.number)}</td>
      <td>${exactly(elapsed(each.since, at), formats.roughly)}</td>
    </tr>`,
  )
  return figurePart({
    id: 'running',
    heading: words.whereNow,
    about: running.length === 0 ? words.noneRunning : words.runCount(sum, formats.number(sum)),
    chart: running.length === 0 ? nothing : drawnTable(words.whereNow, [words.step, words.runs, words.longest], rows),
  })
}

export function sumOf(running: RunningStep[]): number {
  return running.reduce((sum, { runs }) => sum + runs, 0)
}

type Named = Pick<RunningStep, 'displayName' | 'displayNames'>

export function nameOf({ displayName, displayNames }: Named, { language }: Speech): string {
  return localized(displayNames, language, displayName)
}

/** By the server's clock. */
export function elapsed(since: string, at: string): number {
  return Math.max(0, Date.parse(at) - Date.parse(since))
}
