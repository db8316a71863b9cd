import type { DurationBucket, RunningStats, Stats, StepStats, TrendPoint, WorkflowStats } from '../../db/contract.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const END = Date.parse('2026-11-22T10:00:00.000Z')
const iso = (time: number) => new Date(time).toISOString()

const NUMBERS = { skipped: 0, cancelled: 0, retries: 3 }

function aStepStats(
  step: string,
  displayName: string,
  p50: number,
  p95: number,
  more: Partial<StepStats> = {},
): StepStats {
  const completed = more.completed ?? 1_117
  const failed = more.failed ?? 0
  return {
    parent: null,
    step,
    displayName,
    displayNames: null,
    ...NUMBERS,
    runs: completed + failed,
    completed,
    failed,
    successRate: completed + failed === 0 ? null : completed / (completed + failed),
    averageDuration: p50,
    p50Duration: p50,
    p95Duration: p95,
    ...more,
  }
}

function aWorkflow(workflow: string, steps: StepStats[], more: Partial<WorkflowStats> = {}): WorkflowStats {
  const {
    parent: _,
    step: __,
    displayName: ___,
    displayNames: ____,
    skipped: _____,
    ...numbers
  } = aStepStats('', '', 43_210, 72_400)
  return { workflow, ...numbers, ...more, steps }
}

const zh = (en: string, chinese: string) => ({ displayNames: { en, 'zh-CN': chinese } })

const PROJECT = aWorkflow('project_init', [
  aStepStats('create_repository', 'Create repository', 3_120, 5_480, {
    failed: 2,
    ...zh('Create repository', '创建仓库'),
  }),
  aStepStats('create_repo', 'Create repo', 310, 840, { parent: 'create_repository' }),
  aStepStats('push_template', 'Push template', 20_430, 31_200, { failed: 13, ...zh('Push template', '推送模板') }),
  aStepStats('create_records', 'Create records', 12, 41),
  aStepStats('setup_gitops', 'Set up GitOps', 14_210, 27_900, { failed: 5 }),
  aStepStats('finalize', 'Finalize', 900, 1_900, { completed: 3 }),
])
const IMPORT = aWorkflow(
  'import_file',
  [
    aStepStats('parse', 'Parse', 1_200, 2_400, { completed: 12 }),
    aStepStats('load', 'Load rows', 92_000, 160_000, { completed: 12, failed: 1, ...zh('Load rows', '加载数据行') }),
  ],
  { runs: 14, completed: 12, failed: 1, cancelled: 1, p50Duration: 95_000, p95Duration: 171_000 },
)

function point(at: number, completed: number, failed: number, cancelled = 0): TrendPoint {
  const has = completed > 0
  return {
    at: iso(at),
    runs: completed + failed + cancelled,
    completed,
    failed,
    cancelled,
    successRate: completed + failed === 0 ? null : completed / (completed + failed),
    p50Duration: has ? 38_000 + (completed % 7) * 1_500 : null,
    p95Duration: has ? 66_000 + (completed % 11) * 2_300 : null,
  }
}

const DURATIONS: [number, number, number][] = [
  [10_000, 15_000, 4],
  [15_000, 20_000, 21],
  [20_000, 30_000, 143],
  [30_000, 45_000, 456],
  [45_000, 60_000, 322],
  [60_000, 90_000, 151],
  [90_000, 120_000, 0],
  [120_000, 180_000, 7],
]
const buckets = (rows: [number, number, number][]): DurationBucket[] =>
  rows.map(([atLeast, below, runs]) => ({ atLeast, below, runs }))

/** Seven busy days of one workflow, or of two. */
export function manyRuns(workflow: string | null = null): Stats {
  const counts = [38, 30, 22, 0, 126, 244, 644]
  return {
    since: iso(END - 7 * DAY),
    until: iso(END),
    workflowsSince: iso(END - 7 * DAY),
    workflows: workflow === null ? [IMPORT, PROJECT] : [PROJECT],
    total: {
      runs: 1_136,
      completed: 1_104,
      failed: 20,
      cancelled: 12,
      successRate: 1_104 / 1_124,
      averageDuration: 44_000,
      p50Duration: 43_210,
      p95Duration: 72_400,
    },
    durations: buckets(DURATIONS),
    trend: {
      unit: 'day',
      zone: 'UTC',
      points: counts.map((count, day) =>
        point(END - (7 - day) * DAY, count, day === 4 ? 14 : day === 0 ? 6 : 0, day === 5 ? 12 : 0),
      ),
    },
  }
}

/** A day in hours, of more runs than are counted with their steps. */
export function aDay(): Stats {
  const points = Array.from({ length: 24 }, (_, hour) =>
    point(END - (24 - hour) * HOUR, (hour * 37) % 91, hour % 5 === 0 ? 3 : 0),
  )
  return {
    ...manyRuns(),
    since: iso(END - DAY),
    workflowsSince: iso(END - 2 * HOUR),
    trend: { unit: 'hour', zone: 'UTC', points },
  }
}

/** Three runs of one workflow. */
export function fewRuns(): Stats {
  const total = {
    runs: 3,
    completed: 3,
    failed: 0,
    cancelled: 0,
    successRate: 1,
    averageDuration: 5_000,
    p50Duration: 5_000,
    p95Duration: 6_100,
  }
  const steps = [
    aStepStats('pack', 'Pack', 1_000, 1_200, { completed: 3 }),
    aStepStats('send', 'Send', 4_000, 5_000, { completed: 3 }),
  ]
  return {
    since: null,
    until: iso(END),
    workflowsSince: null,
    workflows: [aWorkflow('ship', steps, total)],
    total,
    durations: buckets([[5_000, 7_000, 3]]),
    trend: { unit: 'hour', zone: 'UTC', points: [point(END - 2 * HOUR, 2, 0), point(END - HOUR, 1, 0)] },
  }
}

export function noRuns(): Stats {
  const total = {
    runs: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    successRate: null,
    averageDuration: null,
    p50Duration: null,
    p95Duration: null,
  }
  return { ...fewRuns(), workflows: [], total, durations: [], trend: { unit: 'hour', zone: 'UTC', points: [] } }
}

export function someRunning(lastEnd: string | null = iso(END)): RunningStats {
  const step = (name: string, displayName: string, runs: number, ago: number) => ({
    workflow: 'project_init',
    step: name,
    displayName,
    displayNames: name === 'push_template' ? { en: displayName, 'zh-CN': '推送模板' } : null,
    runs,
    since: iso(END - ago),
  })
  return {
    running: [step('push_template', 'Push template', 2, 25_000), step('setup_gitops', 'Set up GitOps', 1, 4_000)],
    waiting: { runs: 2, since: iso(END - 200) },
    lastEnd,
    at: iso(END),
  }
}

export function noneRunning(): RunningStats {
  return { running: [], waiting: { runs: 0, since: null }, lastEnd: null, at: iso(END) }
}
