import type { Step } from '../../db/contract.ts'
import type { Shown } from '../parts/shown.ts'
import type { Axis } from './axis.ts'
import { type Bar, spent } from './bars.ts'
import { spoken } from './durations.ts'

/** Formatting them takes longer than the rest of a lane, and most lanes do not change. */
const written = new WeakMap<Step, { of: string; texts: string[] }>()

/** When a step started, and for how long it queued, waited and ran. */
export function timesOf(bar: Bar, { span }: Axis, { formats }: Shown): string[] {
  const first = bar.pieces.find(({ kind }) => kind !== 'queued')
  const began = first && first.from - span.from
  const lasted = [
    spent(bar, (kind) => kind === 'queued'),
    spent(bar, (kind) => kind === 'waited'),
    spent(bar, (kind) => kind !== 'queued' && kind !== 'waited'),
  ]
  const of = [formats.language, began, ...lasted].join()
  const known = written.get(bar.step)
  if (known?.of === of) return known.texts
  const say = (ms: number) => (ms === 0 ? '' : spoken(formats.language, ms, formats.duration))
  const texts = [began === undefined ? '' : say(began) || formats.duration(0), ...lasted.map(say)]
  written.set(bar.step, { of, texts })
  return texts
}
