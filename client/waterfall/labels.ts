import type { Axis } from './axis.ts'

/** The least distances of labels, in percent of the axis: between times, between folds, and from one to the other. */
const WIDE = { times: 17, folds: 4, both: 11 }
const NARROW = { times: 45, folds: 12, both: 30 }

interface Label {
  at: number
}

/** The labels of an axis, none of which covers another. `isTight`: it has no room where the axis is narrow. */
export function labelsOf({ ticks, folds }: Axis) {
  const marked = roomy(folds, WIDE.folds)
  const timed = roomy(ticks, WIDE.times).filter((tick) => tick.at === 0 || isClear(tick, marked, WIDE.both))
  const fewTimes = roomy(timed, NARROW.times)
  // with little room the times come first: a lane shows each fold anyway
  const clear = marked.filter((fold) => isClear(fold, fewTimes, NARROW.both))
  const fewFolds = roomy(clear, NARROW.folds)
  return {
    ticks: timed.map((tick) => ({ ...tick, isTight: !fewTimes.includes(tick) })),
    folds: marked.map((fold) => ({ ...fold, isTight: !fewFolds.includes(fold) })),
  }
}

/** Those of some labels, in their order, that have room beside each other. */
function roomy<Each extends Label>(labels: readonly Each[], least: number): Each[] {
  const kept: Each[] = []
  for (const label of labels) {
    // the last time ends where the axis does
    const from = label.at > 95 ? label.at - least / 2 : label.at
    if (kept.length === 0 || from - (kept.at(-1)?.at ?? 0) >= least) kept.push(label)
  }
  return kept
}

function isClear({ at }: Label, others: readonly Label[], least: number): boolean {
  return others.every((other) => Math.abs(other.at - at) >= least)
}
