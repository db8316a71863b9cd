import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '../../worker/start.ts'
import { useDatabase } from '../support/fixture.ts'
import { type Login, useLogin } from '../support/login.ts'
import { type Started, startProcess } from '../support/process.ts'
import { size } from '../support/size.ts'
import { quick } from './configs/quick.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')
const config = join(import.meta.dirname, 'configs/quick.ts')
const db = await useDatabase()
const worker = await startWorker({ workflows: [quick], databaseUrl: db.url })
after(() => worker.stop())

const ROLES = ['owner', 'server', 'worker', 'writer', 'reader', 'nobody'] as const
type Role = (typeof ROLES)[number]
const logins = new Map<Role, Login>()
for (const role of ROLES)
  logins.set(role, await useLogin(db, role === 'nobody' ? null : `stepcast_${role}`, ['default']))

const failed = () => past('failed')
/** A run that has ended. */
function past(status: string): Promise<string> {
  const error = status === 'failed' ? ", 'error', 'no space'" : ''
  return db.value(
    `select stepcast.import_run(jsonb_build_object('workflow', 'quick', 'status', '${status}'${error}, 'started_at', '2026-01-01', 'completed_at', '2026-01-01', 'steps', '[]'::jsonb))`,
  )
}
const open = () => db.value<string>(`select stepcast.open_run('any', '["a"]')`)

const DAILY = { enough: ['start', 'register', 'worker', 'server'], missing: ['list', 'purge', 'server'] }

interface Verb {
  args: () => Promise<string[]> | string[]
  /** Who may; the first is the least of them. */
  allowed: Role[]
  /** What says that it was done. */
  says: RegExp
  /** Resolves when a command that stays does what it is for. */
  works?: (command: Started) => Promise<unknown>
  /** What whoever may not is told that this needs. */
  needs?: RegExp
}

const SERVERS: Role[] = ['server', 'owner']
const VERBS: Record<string, Verb> = {
  list: { args: () => ['list'], allowed: SERVERS, says: /^/ },
  start: { args: () => ['start', 'quick', '--follow'], allowed: SERVERS, says: /completed/ },
  watch: { args: async () => ['watch', await past('completed')], allowed: SERVERS, says: /completed/ },
  cancel: { args: async () => ['cancel', await open()], allowed: SERVERS, says: /Cancelled/ },
  retry: {
    args: async () => ['retry', await db.value(`select stepcast.start_run('quick')`).then((id) => stopped(String(id)))],
    allowed: SERVERS,
    says: /Retrying/,
  },
  delete: { args: async () => ['delete', await failed()], allowed: SERVERS, says: /Deleted/ },
  stats: { args: () => ['stats'], allowed: SERVERS, says: /success|No finished/ },
  purge: {
    args: () => ['purge', '--older-than', '90 days'],
    // A worker purges every night.
    allowed: ['worker', 'owner'],
    says: /Purged/,
    needs: /stepcast_worker/,
  },
  'purge --dry-run': {
    args: () => ['purge', '--older-than', '90 days', '--dry-run'],
    allowed: ['worker', 'owner'],
    says: /Would purge/,
    needs: /stepcast_worker/,
  },
  register: {
    args: () => ['register', '-w', config],
    allowed: ['worker', 'owner'],
    says: /Registered quick/,
    needs: /stepcast_worker/,
  },
  migrate: { args: () => ['migrate'], allowed: ['owner'], says: /Up to date/, needs: /owns the schema/ },
  worker: {
    args: () => ['worker', '-w', config],
    allowed: ['worker'],
    says: /^/,
    works: aWorkerMore,
    needs: /stepcast_worker/,
  },
  server: {
    args: () => ['server'],
    allowed: SERVERS,
    says: /"msg":"listening"/,
    works: ({ says }) => says(/"msg":"listening"/),
  },
}

/** A run that can be retried. */
async function stopped(run: string): Promise<string> {
  await db.rows('select stepcast.cancel_run($1)', [run]).catch(() => {})
  return run
}

/** Beside the one of this file. */
async function aWorkerMore({ child }: Started): Promise<void> {
  const count = 'select count(*)::integer from stepcast.workers'
  while (child.exitCode === null && (await db.value<number>(count)) < 2) await sleep(20)
}

/** A command that stays is ended when it works, where it may. */
async function call(role: Role, { args, works, allowed }: Verb) {
  const command = startProcess(main, await args(), {
    env: { DATABASE_URL: logins.get(role)?.url, NO_COLOR: '1', PORT: '0', LOG_LEVEL: 'info' },
  })
  if (works && allowed.includes(role)) {
    await Promise.race([works(command), command.ended])
    command.child.kill('SIGTERM')
  }
  return { code: await command.ended, output: command.output() }
}

describe('commands under restricted logins', { concurrency: 3 }, () => {
  for (const [name, verb] of Object.entries(VERBS)) {
    const { allowed, says, needs = /stepcast_server/ } = verb
    const others = ROLES.filter((role) => !allowed.includes(role))
    // Each needs a process of its own, which takes half a second: of most there is a try under `npm run test:long` alone.
    for (const role of size(DAILY.enough.includes(name) ? allowed.slice(0, 1) : [], allowed))
      test(`${name}: the role ${role} is enough`, async () => {
        const { code, output } = await call(role, verb)
        assert.equal(code, 0, output)
        assert.match(output, says)
      })
    for (const role of size(DAILY.missing.includes(name) ? others.slice(-2, -1) : [], others))
      test(`${name}: the role ${role} is told what is missing`, async () => {
        const { code, output } = await call(role, verb)
        assert.equal(code, 1, output)
        assert.match(output, needs)
        assert.doesNotMatch(output, /\n +at |\.ts:\d/)
      })
  }
})
