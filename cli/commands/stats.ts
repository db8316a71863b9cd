import { styleText } from 'node:util'
import { z } from 'zod'
import type { StepStats, WorkflowStats } from '../../db/contract.ts'
import { readStats } from '../../db/stats.ts'
import { openDatabase } from '../database.ts'
import { misuse } from '../failure.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'
import { duration } from '../terminal/duration.ts'
import { asJson, clean, cut, pad, width } from '../terminal/text.ts'

/** Postgres has no year 0. */
const FIRST = Date.parse('0001-01-01')

interface Options {
  tenant: string
  workflow?: string
  since?: string
  json?: boolean
}

export default async function stats({ tenant, workflow, since, json }: Options): Promise<number> {
  const settings = readSettings()
  const wanted = { tenant, workflow, since: timeOf(since) }
  await using database = await openDatabase(settings)
  await using db = openPool(settings.STEPCAST_READ_URL ?? database.url)
  const all = await readStats(db.pool, wanted)
  const lines = json ? all.map(asJson) : drawTable(all, process.stdout.columns)
  for (const line of lines) process.stdout.write(`${line}\n`)
  return 0
}

function timeOf(since: string | undefined): string | undefined {
  if (since === undefined) return
  const isDate = z.iso.date().safeParse(since.slice(0, 10)).success
  // Alone, Date.parse would take February 31 for March 3.
  const time = isDate ? Date.parse(since) : Number.NaN
  if (!(time >= FIRST)) throw misuse(`--since is a date or a time in ISO 8601, as 2026-01-31, not ${since}.`)
  return new Date(time).toISOString()
}

const SHORTEST_NAME = 12
const HEAD = ['', 'runs', 'success', 'failed', 'retries', 'average', 'p50', 'p95']

/** `columns`: of the terminal, to which names are cut. Default: names are whole. */
export function drawTable(all: WorkflowStats[], columns = Number.POSITIVE_INFINITY): string[] {
  if (all.length === 0) return ['No finished run was found.']
  const rows = all.flatMap((each) => [cells(each.workflow, each), ...each.steps.map(stepCells)])
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => width(row[column] ?? ''))))
  const [longest = 0, ...others] = widths
  const room = columns - others.reduce((sum, each) => sum + 2 + each, 0)
  const names = Math.min(longest, Math.max(room, SHORTEST_NAME))
  const draw = ([name = '', ...numbers]: string[]) =>
    [pad(cut(name, names), names), ...numbers.map((text, index) => text.padStart(others[index] ?? 0))].join('  ')
  return [styleText('dim', draw(HEAD)), ...rows.map(draw)]
}

function stepCells(step: StepStats): string[] {
  return cells(step.parent === null ? step.step : `${step.parent}/${step.step}`, step, '  ')
}

function cells(name: string, numbers: StepStats | WorkflowStats, indent = ''): string[] {
  const { runs, successRate, failed, retries, averageDuration, p50Duration, p95Duration } = numbers
  const success = successRate === null ? '' : `${percentOf(successRate).toFixed(1)} %`
  const times = [averageDuration, p50Duration, p95Duration].map((ms) => (ms === null ? '' : duration(ms)))
  return [`${indent}${clean(name)}`, `${runs}`, success, `${failed}`, `${retries}`, ...times]
}

/** 100 % only where all were successful, 0 % only where none was. */
function percentOf(rate: number): number {
  return rate % 1 === 0 ? rate * 100 : Math.min(Math.max(rate * 100, 0.1), 99.9)
}
