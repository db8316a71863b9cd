import type * as asked from '../routes/requests.ts'
import type { answers } from './schemas.ts'

export interface Operation {
  summary: string
  query?: keyof typeof asked
  /** Accepts the id of the event after which the stream resumes. */
  resumes?: true
  body?: keyof typeof asked
  /** Successful responses, by status. */
  answer: Record<number, Answer>
  /** Requires no authentication. */
  isOpen?: true
}

interface Answer {
  says: string
  /** Schema of a JSON response, or of one line or event of any other response. */
  schema?: keyof typeof answers
  /** Default `application/json`. */
  types?: string[]
}

const EVENTS = ['text/event-stream']
const stream = (says: string): Record<number, Answer> => ({
  200: { says: `${says}. Events \`snapshot\`, \`patch\`, \`log\`, \`end\`; docs/streams.md`, types: EVENTS },
})
const theRun: Record<number, Answer> = { 200: { says: 'The run as it is now', schema: 'runDetails' } }
const file = (summary: string, ...types: string[]): Operation => ({
  summary,
  answer: { 200: { says: summary, types } },
  isOpen: true,
})

const SCRIPT = 'text/javascript'

function scripts(...names: string[]): Record<string, Operation> {
  const both = names.flatMap((name): [string, Operation][] => [
    [`GET /${name}.js`, file('Script of a page', SCRIPT)],
    [`GET /${name}.js.map`, file('Its source map', 'application/json')],
  ])
  return Object.fromEntries(both)
}

/**
 * The operations on one run: the same below its id and below the key whose newest run it is, except that below a key
 * the last event's id does not say which run it belongs to.
 */
function ofRun(what: string, resumes: Pick<Operation, 'resumes'>): Record<string, Operation> {
  return {
    'GET ': { summary: `All there is of ${what}: steps, sub-steps, attempts`, answer: theRun },
    'DELETE ': {
      summary: `Erases ${what}, which must be finished`,
      query: 'deleteQuery',
      answer: { 200: { says: 'The run as it was', schema: 'runDetails' } },
    },
    'GET /events': { summary: `Watches ${what}, live`, query: 'eventsQuery', ...resumes, answer: stream('The run') },
    'GET /logs': {
      summary: `Log lines of ${what}`,
      query: 'logsQuery',
      answer: {
        200: {
          says: 'One JSON object a line, or a text',
          schema: 'logLine',
          types: ['application/x-ndjson', 'text/plain'],
        },
      },
    },
    'GET /journal': {
      summary: `Audit trail of ${what}, the oldest first`,
      query: 'journalQuery',
      answer: { 200: { says: 'A page', schema: 'journalPage' } },
    },
    'POST /cancel': { summary: `Cancels ${what}`, body: 'cancelBody', answer: theRun },
    'POST /retry': {
      summary: `Retries ${what}, which must have failed or been cancelled; completed steps are kept`,
      body: 'retryBody',
      answer: theRun,
    },
  }
}

function below(base: string, operations: Record<string, Operation>): Record<string, Operation> {
  const entries = Object.entries(operations).map(([name, operation]) => [name.replace(' ', ` ${base}`), operation])
  return Object.fromEntries(entries)
}

/** Every route, as the router names it; a test compares the two. */
export const OPERATIONS: Record<string, Operation> = {
  'POST /runs': {
    summary: 'Starts a run, or finds that of a key',
    body: 'startBody',
    answer: {
      201: { says: 'Started', schema: 'startedRun' },
      200: { says: 'The key has it already', schema: 'startedRun' },
    },
  },
  'GET /runs': {
    summary: 'Runs, the newest first, without their steps',
    query: 'listQuery',
    answer: { 200: { says: 'A page', schema: 'runPage' } },
  },
  ...below('/runs/:id', ofRun('a run', { resumes: true })),
  ...below('/workflows/:workflow/keys/:key', ofRun('the newest run under a key', {})),
  'POST /events': {
    summary: 'Many runs, keys and live lists on one connection',
    query: 'eventsQuery',
    body: 'eventsBody',
    answer: stream('All of them'),
  },
  'GET /events': { summary: 'A few runs, live', query: 'fewQuery', answer: stream('All of them') },
  'GET /workflows': {
    summary: 'What can be started, with its input schema',
    answer: { 200: { says: 'All that the caller may start', schema: 'workflows' } },
  },
  'GET /stats': {
    summary: 'How often and how fast workflows and their steps complete',
    query: 'statsQuery',
    answer: { 200: { says: 'Of all together, per workflow and step, as a histogram and as a trend', schema: 'stats' } },
  },
  'GET /stats/running': {
    summary: 'Which step the running runs are in',
    query: 'runningQuery',
    answer: { 200: { says: 'The fullest step first', schema: 'runningStats' } },
  },
  'GET /stats/durations': {
    summary: 'Histogram of the durations of a workflow, or of a step',
    query: 'durationsQuery',
    answer: { 200: { says: 'Without the empty buckets at both ends', schema: 'durations' } },
  },
  'GET /stuck': {
    summary: 'Runs that do not get on, and why, the longest first',
    answer: { 200: { says: 'Those that the caller may see', schema: 'stuckRuns' } },
  },
  'GET /livez': {
    summary: 'The process answers',
    answer: { 200: { says: 'It does', schema: 'health' } },
    isOpen: true,
  },
  'GET /readyz': {
    summary: 'The database answers, has the schema and is no standby',
    answer: { 200: { says: 'It does', schema: 'health' } },
    isOpen: true,
  },
  'GET /metrics': {
    summary: 'Metrics for Prometheus; for operators',
    answer: { 200: { says: 'All of them', types: ['text/plain'] } },
  },
  'GET /openapi.json': { summary: 'This description', answer: { 200: { says: 'OpenAPI 3.1' } }, isOpen: true },
  'GET /docs': file('This description, to read', 'text/html'),
  'GET /': file('The dashboard', 'text/html'),
  'GET /runs/:id/view': file('The page of a run', 'text/html'),
  'GET /start/view': file('The page to start a run', 'text/html'),
  'GET /stats/view': file('The page of statistics', 'text/html'),
  'GET /chunks/:chunk': file('What the scripts load when they need it', SCRIPT),
  'GET /stepcast.js': file('The elements, for a script of type module', SCRIPT),
  'GET /stepcast.js.map': file('Their source map', 'application/json'),
  ...scripts('home', 'run', 'start', 'stats'),
  'GET /page.css': file('Style of the pages', 'text/css'),
  'GET /docs.css': file('Style of this page', 'text/css'),
  'GET /icon.svg': file('Icon of the pages', 'image/svg+xml'),
}
