import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

const START_EVERY_MS = 200
const VISIT_EVERY_MS = 100
const STAY_MS = 1_000
const PURGE_EVERY_MS = 5_000
const KEPT = '10 seconds'

/** Starts, ends and purges runs, and lets watchers come and go, until the signal fires. */
export async function comeAndGo(client: Client, streams: string[], signal: AbortSignal): Promise<void> {
  await Promise.all([
    every(START_EVERY_MS, signal, () => client.query(`select stepcast.start_run('passing')`)),
    every(PURGE_EVERY_MS, signal, () => client.query('select stepcast.purge_runs($1::interval)', [KEPT])),
    every(VISIT_EVERY_MS, signal, async (turn) => visit(streams[turn % streams.length] ?? '', signal)),
  ])
}

async function every(ms: number, signal: AbortSignal, work: (turn: number) => Promise<unknown>): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await work(turn)
    await sleep(ms, undefined, { signal }).catch(() => {})
  }
}

function visit(stream: string, signal: AbortSignal): void {
  const request = get(stream, { signal, agent: false }, (res) => {
    res.resume().on('error', () => {})
    setTimeout(() => request.destroy(), STAY_MS).unref()
  })
  request.on('error', () => {})
}
