export interface Measurement {
  /** In parts, such as `latency/1000/p99`. */
  name: string
  value: number
  unit: string
  /** What others took, by name. */
  peers: Record<string, number>
  /** Ours against the best peer, above 1 is better; null: no peer was measured. */
  ratio: number | null
}

/** A measurement without peers. */
export function measured(name: string, value: number, unit: string): Measurement {
  return { name, value: Math.round(value * 1000) / 1000, unit, peers: {}, ratio: null }
}

export function print(measurement: Measurement, json: boolean): void {
  const { name, value, unit, ratio } = measurement
  const line = json
    ? JSON.stringify(measurement)
    : `${name.padEnd(28)} ${String(value).padStart(10)} ${unit}${ratio ? `  × ${ratio}` : ''}`
  process.stdout.write(`${line}\n`)
}

/** The value below which a share of the sorted values lies, by nearest rank. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
