export interface Measurement {
  /** A path, such as `latency/1000/p99`. */
  name: string
  value: number
  unit: string
  /** The values of peers, by name. */
  peers: Record<string, number>
  /** Our value against that of the best peer; above 1 is better; null: no peer was measured. */
  ratio: number | null
}

/** A measurement without peers. */
export function measured(name: string, value: number, unit: string): Measurement {
  return { name, value: round(value), unit, peers: {}, ratio: null }
}

/** A measurement for which more is better, with the values of peers. */
export function compared(name: string, value: number, unit: string, peers: Record<string, number>): Measurement {
  return beside(name, value, unit, peers, value / Math.max(...Object.values(peers)))
}

/** A measurement for which less is better, with the values of peers. */
export function comparedLess(name: string, value: number, unit: string, peers: Record<string, number>): Measurement {
  return beside(name, value, unit, peers, Math.min(...Object.values(peers)) / value)
}

function beside(name: string, value: number, unit: string, peers: Record<string, number>, ratio: number): Measurement {
  const rounded = Object.fromEntries(Object.entries(peers).map(([peer, theirs]) => [peer, round(theirs)]))
  return { name, value: round(value), unit, peers: rounded, ratio: Object.keys(peers).length > 0 ? round(ratio) : null }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

export function print(measurement: Measurement, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(measurement)}\n` : table(measurement))
}

function table({ name, value, unit, peers, ratio }: Measurement): string {
  const line = (title: string, number: number, rest: string) =>
    `${title.padEnd(28)} ${String(number).padStart(10)} ${unit}${rest}\n`
  const theirs = Object.entries(peers).map(([peer, taken]) => line(`  ${peer}`, taken, ''))
  return line(name, value, ratio === null ? '' : `  × ${ratio}`) + theirs.join('')
}

/** The value below which a share of the sorted values lies, by nearest rank. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}
