import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ACTIONS, type Action } from '../../server/access/principal.ts'
import { mintRunToken, type Principal } from '../../server/start.ts'
import { type Answer, ask, type Bench, openBench, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'
import { SECRET } from './tokens.ts'

const NOBODY = '01890000-0000-7000-8000-000000000000'
/** Stands in every input, output and stack there is. */
const HIDDEN = 'only for debuggers'

/** Who asks: what they may do, and where. */
interface Role {
  actions: readonly Action[]
  /** Whether a run is theirs; what is not answers as what does not exist. */
  sees: (target: Target) => boolean
  /** Whether they may ask for lists. */
  lists: boolean
}

type Target = 'own' | 'another' | 'keyed' | 'other tenant' | 'nonexistent'
const TARGETS: Target[] = ['own', 'another', 'keyed', 'other tenant', 'nonexistent']
const ofTenant = (target: Target) => target !== 'other tenant' && target !== 'nonexistent'
const without = (...actions: Action[]) => ACTIONS.filter((action) => !actions.includes(action))

const OF_TENANT = { sees: ofTenant, lists: true }
const ROLES: Record<string, Role> = {
  owner: { ...OF_TENANT, actions: ACTIONS },
  reader: { ...OF_TENANT, actions: ['run:read', 'stats:read'] },
  debugger: { ...OF_TENANT, actions: ['run:read', 'run:debug'] },
  operator: { ...OF_TENANT, actions: without('run:debug', 'run:delete') },
  starter: { ...OF_TENANT, actions: ['run:start'] },
  nothing: { ...OF_TENANT, actions: [] },
  blind: { ...OF_TENANT, actions: without('run:read') },
  'token of the run': { actions: ['run:read', 'run:cancel'], sees: (target) => target === 'own', lists: false },
  'token of the run, to debug': {
    actions: ['run:read', 'run:debug'],
    sees: (target) => target === 'own',
    lists: false,
  },
  'token of the key': { actions: without('run:debug'), sees: (target) => target === 'keyed', lists: false },
  'rule of the application': { actions: ACTIONS, sees: (target) => target === 'own', lists: true },
}

/** What can be asked about a run: the way, the right it takes, and what tells that it was done. */
const WAYS: Record<string, { method: string; below: string; action: Action; done: number }> = {
  read: { method: 'GET', below: '', action: 'run:read', done: 200 },
  logs: { method: 'GET', below: '/logs', action: 'run:read', done: 200 },
  journal: { method: 'GET', below: '/journal', action: 'run:read', done: 200 },
  cancel: { method: 'POST', below: '/cancel', action: 'run:cancel', done: 409 },
  retry: { method: 'POST', below: '/retry', action: 'run:retry', done: 422 },
  delete: { method: 'DELETE', below: '', action: 'run:delete', done: 200 },
}

let bench: Bench
const runs = {} as Record<Target, string>
const tokens: Record<string, string> = {}

before(async () => {
  bench = await openBench({
    jwt: { secret: SECRET },
    authenticate: (ctx): Principal | null => {
      const role = decodeURIComponent(ctx.get('authorization').replace('Bearer ', ''))
      return ROLES[role] ? { id: role, tenant: 'blue', actions: ROLES[role].actions } : null
    },
    authorize: ({ id }, _, { id: run }) => id !== 'rule of the application' || run === runs.own || run === null,
  })
  await registerWorkflow(bench)
  runs.own = await failedRun()
  runs.another = await failedRun()
  runs.keyed = await failedRun('k1')
  runs['other tenant'] = await failedRun('k1', 'red')
  runs.nonexistent = NOBODY
  const mint = { secret: SECRET, tenant: 'blue' }
  for (const role of Object.keys(ROLES)) tokens[role] = encodeURIComponent(role)
  for (const role of ['token of the run', 'token of the run, to debug'])
    tokens[role] = await mintRunToken({ ...mint, run: runs.own, actions: ROLES[role]?.actions })
  const ofKey = { workflow: 'import', key: 'k1', actions: ROLES['token of the key']?.actions }
  tokens['token of the key'] = await mintRunToken({ ...mint, ...ofKey })
})
after(() => bench[Symbol.asyncDispose]())

/** Its step failed with a stack; input and output are there too. */
async function failedRun(key: string | null = null, tenant = 'blue'): Promise<string> {
  const run = await bench.openRun({ tenant, key })
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  await bench.sql("select stepcast.fail_step($1, 'load', 'no space', $2)", run, `Error: no space\n  at ${HIDDEN}`)
  await bench.sql('alter table stepcast.runs disable trigger user')
  await bench.sql(
    `update stepcast.runs set input = to_jsonb($2::text), output = to_jsonb($2::text) where id = $1`,
    run,
    HIDDEN,
  )
  await bench.sql('alter table stepcast.runs enable trigger user')
  return run
}

const as = (role: string, more: RequestInit = {}): RequestInit => ({
  ...more,
  headers: { authorization: `Bearer ${tokens[role]}`, 'content-type': 'application/json' },
})

function assertAbsent(answer: Answer, absent: Answer, what: string): void {
  assert.equal(answer.status, 404, what)
  assert.deepEqual(answer.body, absent.body, what)
  assert.deepEqual([...answer.headers.keys()], [...absent.headers.keys()], what)
}

for (const [role, { actions, sees }] of Object.entries(ROLES)) {
  const canRead = (target: Target) => sees(target) && actions.includes('run:read')

  test(`${role}: every way to every run`, async () => {
    for (const [way, { method, below, action, done }] of Object.entries(WAYS)) {
      // A step that is none, so that nothing is done to what the other roles ask for.
      const body = way === 'retry' ? { body: '{"from": "no such step"}' } : {}
      const ask_ = (run: string) => ask(`${bench.url}/runs/${run}${below}`, as(role, { method, ...body }))
      const absent = await ask_(NOBODY)
      for (const target of TARGETS) {
        const what = `${way} of ${target}`
        if (way === 'delete' && canRead(target) && actions.includes(action)) continue
        const answer = await ask_(runs[target])
        if (!canRead(target)) assertAbsent(answer, absent, what)
        else assert.equal(answer.status, actions.includes(action) ? done : 403, what)
        const shows = JSON.stringify(answer.body).includes(HIDDEN)
        const mayShow = way === 'read' && canRead(target) && actions.includes('run:debug')
        assert.equal(shows, mayShow, what)
      }
    }
  })

  test(`${role}: a stream of each run, of many, and of a key`, async () => {
    const absent = await ask(`${bench.url}/runs/${NOBODY}/events`, as(role))
    for (const target of TARGETS) {
      const url = `${bench.url}/runs/${runs[target]}/events`
      if (!canRead(target)) assertAbsent(await ask(url, as(role)), absent, target)
      else {
        using stream = await TestStream.open(url, as(role))
        assert.equal(stream.status, 200)
      }
    }
    const wanted = TARGETS.map((target) => ({ run: runs[target] }))
    const body = JSON.stringify({ runs: [...wanted, { workflow: 'import', key: 'k1' }] })
    using stream = await (await TestStream.open(`${bench.url}/events`, as(role, { method: 'POST', body }))).ready()
    for (const target of TARGETS) {
      const [first] = stream.events.filter(({ data }) => data.run.id === runs[target])
      assert.equal(first?.name, canRead(target) ? 'snapshot' : 'end', target)
      assert.equal(first?.data.reason, canRead(target) ? undefined : 'not-found', target)
    }
    const seen = TARGETS.filter(canRead).length + (canRead('keyed') ? 1 : 0)
    assert.equal(stream.events.filter(({ name }) => name === 'snapshot').length, seen)
    const shows = JSON.stringify(stream.events).includes(HIDDEN)
    assert.equal(shows, actions.includes('run:debug') && TARGETS.some(canRead))
  })

  test(`${role}: a live list, and a few runs by GET`, async () => {
    const body = '{"runs": [{"workflow": "import", "limit": 200}]}'
    using live = await (await TestStream.open(`${bench.url}/events`, as(role, { method: 'POST', body }))).ready()
    const query = new URLSearchParams(TARGETS.map((target) => ['run', runs[target]]))
    using few = await (await TestStream.open(`${bench.url}/events?${query}`, as(role))).ready()
    for (const stream of [live, few]) {
      const shown = stream.events.filter(({ name }) => name === 'snapshot').map(({ data }) => data.run.id)
      for (const target of TARGETS) assert.equal(shown.includes(runs[target]), canRead(target), target)
    }
    const shows = JSON.stringify([live.events, few.events]).includes(HIDDEN)
    assert.equal(shows, actions.includes('run:debug') && TARGETS.some(canRead))
  })

  test(`${role}: lists, statistics, what can be started`, async () => {
    const { lists } = ROLES[role] as Role
    const list = await ask(`${bench.url}/runs`, as(role))
    assert.equal(list.status, lists && actions.includes('run:read') ? 200 : 403)
    const listed = new Set((list.body.runs ?? []).map(({ id }: { id: string }) => id))
    for (const target of TARGETS) assert.equal(listed.has(runs[target]), list.status === 200 && sees(target), target)
    assert.equal(JSON.stringify(list.body).includes(HIDDEN), list.status === 200 && actions.includes('run:debug'))
    assert.equal(
      (await ask(`${bench.url}/stats`, as(role))).status,
      lists && actions.includes('stats:read') ? 200 : 403,
    )
    const startable = (await ask(`${bench.url}/workflows`, as(role))).body.workflows.length
    assert.equal(startable > 0, lists && actions.includes('run:start'))
    assert.equal((await ask(`${bench.url}/metrics`, as(role))).status, 403)
  })

  test(`${role}: a new run`, async () => {
    const body = JSON.stringify({ workflow: 'greet', input: { name: HIDDEN } })
    const { status, body: answer } = await ask(`${bench.url}/runs`, as(role, { method: 'POST', body }))
    const canStart = actions.includes('run:start') && (ROLES[role] as Role).lists
    assert.equal(status, canStart ? 201 : 403)
    if (!canStart) return
    const isOwn = actions.includes('run:read') && role !== 'rule of the application'
    assert.equal(await bench.sql('select tenant from stepcast.runs where id = $1', answer.run.id), 'blue')
    assert.deepEqual(Object.keys(answer.run).length > 1, isOwn)
    assert.equal(JSON.stringify(answer).includes(`"${HIDDEN}"`), isOwn && actions.includes('run:debug'))
  })
}

test('a patch brings a stack to those who may debug, and to the others the rest of it', async () => {
  const run = await failedRun()
  await bench.sql('select stepcast.retry_run($1)', run)
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  const open = async (role: string) => (await TestStream.open(`${bench.url}/runs/${run}/events`, as(role))).ready()
  using full = await open('debugger')
  using stripped = await open('reader')
  const before = [full.events.length, stripped.events.length]
  await bench.sql("select stepcast.fail_step($1, 'load', 'again', $2)", run, HIDDEN)
  await Promise.all([full.named('end'), stripped.named('end')])
  const [patches, strippedPatches] = [full.events.slice(before[0]), stripped.events.slice(before[1])]
  assert.deepEqual(strippedPatches, JSON.parse(JSON.stringify(patches).replaceAll(`"${HIDDEN}"`, 'null')))
  assert.notDeepEqual(strippedPatches, patches)
})

test('who may delete deletes, and only then is it gone', async () => {
  for (const [role, { actions, lists }] of Object.entries(ROLES)) {
    if (!lists || role === 'rule of the application') continue
    const run = await failedRun()
    const may = actions.includes('run:read') && actions.includes('run:delete')
    await ask(`${bench.url}/runs/${run}`, as(role, { method: 'DELETE' }))
    assert.equal(await bench.sql('select count(*)::integer from stepcast.runs where id = $1', run), may ? 0 : 1, role)
  }
})
