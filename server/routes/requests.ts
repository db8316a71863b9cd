import { z } from 'zod'
import { check, whyUnstorable } from '../body.ts'
import { SEALED_LENGTH } from '../cursors.ts'
import { noSuchRun } from '../problem.ts'
import type { Ctx } from '../service.ts'

const SMALLINT = 32_767
const MOST_SUBSCRIPTIONS = 500
const MOST_LISTS = 10
const MOST_IN_A_QUERY = 20
const PAGE = 50
const MOST_STATUSES = 20
const LARGEST_PAGE = 200

const status = z.enum(['pending', 'running', 'completed', 'failed', 'cancelled'])
/** In their canonical order; undefined if all are wanted. */
const statuses = z
  .array(status)
  .min(1)
  .max(MOST_STATUSES)
  .transform((given) => {
    const wanted = status.options.filter((each) => given.includes(each))
    return wanted.length === status.options.length ? undefined : wanted
  })
const text = z.string().min(1).max(1_000)
const uuid = z.guid()
const sealed = z
  .string()
  .length(SEALED_LENGTH)
  .regex(/^[\w-]*$/)
/** Described as the number that it stands for: a client that is made from the description passes one. */
const number = z
  .string()
  .refine((text) => /^\d{1,15}$/.test(text), 'must be a whole number')
  .transform(Number)
  .meta({ type: 'integer', minimum: 0 })

/** Rules against years and offsets that ISO 8601 has and Postgres does not. */
const YEAR = { form: /^(?!0000)/, message: 'must be of year 1 or later' }
const OFFSET = { form: /(Z|[+-](0\d|1[0-5]):\d\d)$/, message: 'must be less than 16 hours from UTC' }
const instant = z.iso
  .datetime({ offset: true, abort: true })
  .regex(YEAR.form, YEAR.message)
  .regex(OFFSET.form, OFFSET.message)

const LONGEST_KEY = 255
const LONGEST_WORKFLOW = 200
const key = z
  .string()
  .min(1)
  .refine((given) => hasAtMost(LONGEST_KEY, given), `must have ${LONGEST_KEY} characters at most`)
  .meta({ maxLength: LONGEST_KEY })

export const startBody = z.strictObject({
  workflow: text,
  input: z.unknown().default({}),
  key: key.optional(),
  again: z.boolean().optional(),
  runAt: instant.optional(),
  priority: z.int().min(-SMALLINT).max(SMALLINT).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})

export const cancelBody = z.strictObject({ reason: z.string().max(10_000).optional() })
export const retryBody = z.strictObject({ from: text.optional() })

/**
 * A key that no run can have, because it is too long or ends within a character, is no validation error: there is no
 * such run, and the rest of the page still works.
 */
const long = z.string().min(1)
const byRun = z.strictObject({ run: z.string(), since: z.string().nullish() })
const byKey = z.strictObject({ workflow: long, key: long })
const list = z.strictObject({
  workflow: long.optional(),
  status: z
    .union([status.transform((one) => [one]), z.array(status).max(MOST_STATUSES)])
    .pipe(statuses)
    .optional(),
  key: long.optional(),
  q: long.optional(),
  limit: z.int().min(1).max(LARGEST_PAGE).default(PAGE),
})
const wanted = z.union([byRun, byKey, list])
export type Wanted = z.output<typeof wanted>

/**
 * False: no run can have such a workflow or key, or match such a search. Unchecked, one as long as a whole body would
 * be kept for as long as its stream, and queried again and again.
 */
export function canBe({ workflow, key, q }: { [name in 'workflow' | 'key' | 'q']?: string | undefined }): boolean {
  return isPossible(LONGEST_WORKFLOW, workflow) && isPossible(LONGEST_KEY, key) && isPossible(LONGEST_KEY, q)
}

export const eventsBody = z.strictObject({
  runs: z
    .array(wanted)
    .max(MOST_SUBSCRIPTIONS)
    .refine(
      (runs) => runs.filter((each) => 'limit' in each).length <= MOST_LISTS,
      `may hold ${MOST_LISTS} lists at most`,
    ),
})

export const listQuery = z.strictObject({
  workflow: text.optional(),
  status: z
    .string()
    .transform((names) => names.split(','))
    .pipe(statuses)
    .optional()
    .meta({ description: `In any of these, with commas between them: ${status.options.join(', ')}` }),
  key: text.optional(),
  q: text.optional(),
  after: z.union([uuid, sealed], 'must be the next of a page').optional(),
  limit: number
    .pipe(z.number().min(1).max(LARGEST_PAGE))
    .default(PAGE)
    .meta({
      description: `From 1 to ${LARGEST_PAGE}; ${PAGE} where nothing is said`,
      minimum: 1,
      maximum: LARGEST_PAGE,
    }),
})

export const deleteQuery = z.strictObject({ reason: z.string().max(10_000).optional() })

/** IANA's zones that Postgres takes for abbreviations, without summer time, with the zones that they are links to. */
const WITH_SUMMER_TIME: Record<string, string> = {
  CET: 'Europe/Brussels',
  MET: 'Europe/Brussels',
  EET: 'Europe/Athens',
  WET: 'Europe/Lisbon',
}

/**
 * Java's names of zones, which Node knows too. IANA has none of them, and Postgres takes some for abbreviations, of other
 * zones or without summer time.
 */
const OF_JAVA =
  /^(ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/i

const day = z.iso.date().regex(YEAR.form, YEAR.message)
const time = z.union([instant, day], 'must be a date or a time in ISO 8601')
const window = { workflow: text.optional(), since: time.optional(), until: time.optional() }
export const statsQuery = z
  .strictObject({
    ...window,
    zone: z
      .string()
      .refine(isTimeZone, 'must be the IANA name of a time zone, as Europe/Berlin')
      .transform((zone) => WITH_SUMMER_TIME[zone.toUpperCase()] ?? zone)
      .default('UTC'),
  })
  .transform(inZone)
export const runningQuery = z.strictObject({ workflow: text.optional() })
export const durationsQuery = z
  .strictObject({ ...window, workflow: text, step: text.optional(), parent: text.optional() })
  .refine(({ step, parent }) => parent === undefined || step !== undefined, {
    path: ['step'],
    message: 'is needed where parent is given',
  })
  .transform((query) => inZone({ ...query, zone: 'UTC' }))

export const logsQuery = z.strictObject({
  step: text.optional(),
  after: number.optional(),
  level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
})

export const journalQuery = z.strictObject({ after: number.pipe(z.number().max(2 ** 31 - 1)).optional() })
const logs = z.enum(['0', '1']).default('0')
export const eventsQuery = z.strictObject({ logs })
export const fewQuery = z.strictObject({
  run: z.union([z.string().transform((run) => [run]), z.array(z.string()).max(MOST_IN_A_QUERY)]),
  logs,
})

function isPossible(most: number, text = ''): boolean {
  return hasAtMost(most, text) && !whyUnstorable(text)
}

/** Counts characters as Postgres does. */
function hasAtMost(most: number, text: string): boolean {
  return text.length <= 2 * most && [...text].length <= most
}

/** The query in the form of `shape`; a parameter without a value counts as not given. */
export function queryOf<T extends z.ZodType>(ctx: Ctx, shape: T): z.output<T> {
  // Koa keeps the parsed query, even an empty one, for as long as a stream is open.
  const given = ctx.querystring === '' ? [] : Object.entries(ctx.query).filter(([, value]) => value !== '')
  const storable = z.record(z.string(), z.unknown().superRefine(refuseUnstorable))
  return check(shape, check(storable, Object.fromEntries(given)))
}

/** The run that the path names; 404 for what cannot be a run's id. */
export function runIdOf(ctx: Ctx): string {
  return asRunId(ctx.params.id) ?? refuse()
}

export function asRunId(id: unknown): string | null {
  return uuid.safeParse(id).data?.toLowerCase() ?? null
}

/** The workflow and the key that the path names; 404 for what cannot be one. */
export function keyOf(ctx: Ctx): { workflow: string; key: string } {
  const { workflow = '', key = '' } = ctx.params
  return whyUnstorable(workflow) || whyUnstorable(key) ? refuse() : { workflow, key }
}

function refuse(): never {
  throw noSuchRun()
}

/** A date stands for midnight in the zone, as Postgres reads it. */
function inZone<Q extends { since?: string | undefined; until?: string | undefined; zone: string }>(query: Q): Q {
  const beginOf = (given?: string) => (given?.includes('T') === false ? `${given} 00:00 ${query.zone}` : given)
  return { ...query, since: beginOf(query.since), until: beginOf(query.until) }
}

/** Offsets are refused: Postgres reads them with the opposite sign. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name) || OF_JAVA.test(name)) return false
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

function refuseUnstorable(value: unknown, issue: z.RefinementCtx): void {
  const message = whyUnstorable(value)
  if (message) issue.addIssue({ code: 'custom', message })
}
