#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { prefixOf } from '../server/prefix.ts'
import { report } from './report.ts'

/**
 * Checked here, since Node 20 would report something else: it knows neither SuppressedError nor types in what it runs.
 */
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 22) {
  process.stderr.write(`Stepcast needs Node 22.18 or later, and this is ${process.version}.\n`)
  process.exit(2)
}

type Action = (...given: never[]) => Promise<number>

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

const program = new Command('stepcast')
  .version(version, '-V, --version', 'print the version')
  .description('Multi-step work, durable and live, on nothing but Postgres.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .showHelpAfterError('Run `stepcast --help` to see what there is.')

const workflows = ['-w, --workflows <file>', 'the module that exports the workflows', 'stepcast.config.ts'] as const
const run = new Argument('<run>', 'its id').argParser(checkRunId)
const json = ['--json', 'print one JSON object a line'] as const
const tenant = ['--tenant <name>', 'whose runs', checkName, 'default'] as const
const oneWorkflow = ['--workflow <name>', 'only of this workflow', checkName] as const

add('dev', 'everything at once, to try and to develop', () => import('./commands/dev.ts'))
  .option(...workflows)
  .option('--once', 'end after the demo run: exit code 0 if it completed, else 1')
add('migrate', "bring the database's schema up to date", () => import('./commands/migrate.ts'))
  .option('--dry-run', 'only say what would be applied')
  .option('--graphile-schema <name>', 'where Graphile Worker lives, if not in graphile_worker; kept from then on')
add('register', 'make the workflows known without a worker', () => import('./commands/register.ts'))
  .option(...workflows)
  .option('--current', 'new runs get these versions, though newer ones are known: after a rollback')
add('worker', 'run steps', () => import('./commands/worker.ts'))
  .option(...workflows)
  .option(
    '--processes <number>',
    'keep so many processes running, each started again when it ends; else this one works',
  )
  .option(
    '--metrics-port <number>',
    'show metrics for Prometheus at /metrics there, on HOST; of several processes, each on the port after',
  )
add('server', 'serve runs over HTTP, live', () => import('./commands/server.ts'))
add('start', 'start a run', () => import('./commands/start.ts'))
  .argument('<workflow>', 'its name')
  .argument('[input]', 'as JSON', '{}')
  .option(...tenant)
  .option('-f, --follow', 'show it until it ends: exit code 0 completed, 1 failed or cancelled, 130 interrupted')
  .option('-k, --key <key>', "the application's own name for the run; a known key answers with its run")
  .option('--again', 'start a new one under a key whose newest run is finished')
  .option(...json)
add('watch', 'show a run until it ends', () => import('./commands/watch.ts'))
  .addArgument(run)
  .option(...json)
add('list', 'the newest runs', () => import('./commands/list.ts'))
  .option(...tenant)
  .option(...oneWorkflow)
  .option('--status <status>', 'only with this status')
  .option('-n, --limit <number>', 'how many', '20')
  .option(...json)
add('cancel', 'cancel a run', () => import('./commands/cancel.ts'))
  .addArgument(run)
  .option(...tenant)
  .option('--reason <text>', 'why, for the journal')
add('retry', 'run a failed or cancelled run again, keeping what was completed', () => import('./commands/retry.ts'))
  .addArgument(run)
  .option(...tenant)
  .option('--from <step>', 'from this step on')
add('delete', 'erase a finished run; its journal stays', () => import('./commands/delete.ts'))
  .addArgument(run)
  .option(...tenant)
  .option('--reason <text>', 'why, for the journal')
add('stats', 'how often and how fast workflows and their steps complete', () => import('./commands/stats.ts'))
  .option(...tenant)
  .option(...oneWorkflow)
  .option('--since <time>', 'only runs that ended since then: a date or a time in ISO 8601')
  .option(...json)
add('purge', 'delete old finished runs, in batches', () => import('./commands/purge.ts'))
  .option('--older-than <interval>', "how long ago they ended, as '30 days' (default: STEPCAST_RETENTION)")
  .option(...oneWorkflow)
  .option('--dry-run', 'only say how many')
add(
  'doctor',
  'look at all that a worker and a server need, and say what to do: exit code 1 where something fails',
  () => import('./commands/doctor.ts'),
).option(...json)
add('openapi', 'print what the server answers, as OpenAPI 3.1', () => import('./commands/openapi.ts')).option(
  '--prefix <path>',
  'where the server is mounted, such as /stepcast',
  checkPrefix,
)

// The reader has read enough, as `head` does.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1))
// The exit code reports it too.
process.stderr.on('error', () => {})

await program.parseAsync()

function checkRunId(id: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id
  throw new InvalidArgumentError(
    'A run has an id like 019ac3f2-7c1e-7d4b-9a53-0242ac120002; `stepcast list` shows them.',
  )
}

/** An empty name is that of a variable which is not set: else nothing would be found, or of every workflow. */
function checkName(name: string): string {
  if (name !== '') return name
  throw new InvalidArgumentError('It is empty: give a name, or leave the option out.')
}

function checkPrefix(path: string): string {
  try {
    return prefixOf(path)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

/** A command whose module is loaded only when it is called. */
function add(name: string, description: string, load: () => Promise<{ default: Action }>): Command {
  return program
    .command(name)
    .description(description)
    .action(async (...given) => {
      const code = await load()
        .then((module) => module.default(...(given as never[])))
        .catch((error) => report(error, name))
      await Promise.all([process.stdout, process.stderr].map(drained))
      process.exit(code)
    })
}

/** What a pipe has not accepted yet would be lost when the process exits. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => (stream.writableLength === 0 ? resolve() : stream.write('', () => resolve())))
}
