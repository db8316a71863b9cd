import pg from 'pg'
import { type ServerOptions, type StepcastServer, startServer } from '../../server/start.ts'
import { createDatabase } from '../support/database.ts'

export interface Bench {
  url: string
  databaseUrl: string
  server: StepcastServer
  /** One statement; the first column of its first row. */
  sql(text: string, ...values: unknown[]): Promise<unknown>
  /** A run that nobody works on: the test drives it by SQL. */
  openRun(options?: { steps?: string[]; key?: string | null; tenant?: string }): Promise<string>
  /** Begins its step `load`; the next two are about that step too. */
  begin(run: string): Promise<unknown>
  log(run: string, text: string): Promise<unknown>
  fail(run: string): Promise<unknown>
  /** Completes it, and finishes the run. */
  finish(run: string): Promise<unknown>
  [Symbol.asyncDispose](): Promise<void>
}

export type BenchOptions = Partial<ServerOptions> & { listenUrlBy?: (databaseUrl: string) => string }

/** A database and a server of the test file's own. */
export async function openBench({ listenUrlBy, ...options }: BenchOptions = {}): Promise<Bench> {
  const database = await createDatabase()
  const listenUrl = listenUrlBy?.(database.url)
  const pool = new pg.Pool({ connectionString: database.url, max: 4 })
  pool.on('error', () => {})
  const server = await startServer({ databaseUrl: database.url, listenUrl, port: 0, ...options })
  const sql = async (text: string, ...values: unknown[]) => {
    const { rows } = await pool.query<Record<string, unknown>>(text, values)
    return Object.values(rows[0] ?? {})[0]
  }
  return {
    url: server.url,
    databaseUrl: database.url,
    server,
    sql,
    openRun: async ({ steps = ['load'], key = null, tenant = 'default' } = {}) =>
      String(await sql("select stepcast.open_run('import', $1, $2, $3)", JSON.stringify(steps), key, tenant)),
    begin: (run) => sql("select stepcast.begin_step($1, 'load')", run),
    log: (run, text) => sql("select stepcast.log_line($1, 'load', 'info', $2)", run, text),
    fail: (run) => sql("select stepcast.fail_step($1, 'load', 'no space')", run),
    finish: async (run) => {
      await sql("select stepcast.complete_step($1, 'load')", run)
      await sql('select stepcast.finish_run($1)', run)
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await pool.end()
      await database.drop()
    },
  }
}

/** An input schema as a worker would register it. */
const SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 }, count: { type: 'integer' } },
  required: ['name'],
  additionalProperties: false,
}

export async function registerWorkflow({ sql }: Pick<Bench, 'sql'>, name = 'greet'): Promise<void> {
  await sql(
    `insert into stepcast.workflows (name, version, display_name, steps, input_schema, current)
     values ($1, '1', 'Greeting', '[{"step": "greet", "weight": 1}]', $2, true)`,
    name,
    JSON.stringify(SCHEMA),
  )
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the tests assert what is in it
  body: any
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson && text ? parse(text) : text }
}

export function post(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const type = { 'content-type': 'application/json', ...headers }
  return ask(url, { method: 'POST', headers: type, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
