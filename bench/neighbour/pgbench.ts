import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { percentile } from '../measurement.ts'
import { PeerMissing } from '../peer.ts'

const run = promisify(execFile)

const SCALE = 10
const CLIENTS = 8
/** The transactions per second that it requests: well below what the machine can do, so that it measures waiting. */
const RATE = 200

/** What an unrelated application gets from its own database. */
export interface Share {
  /** Transactions per second. */
  rate: number
  /** Milliseconds, from the time when each transaction should have begun. */
  p99: number
}

/** Fills the tables of pgbench. Throws PeerMissing. */
export async function prepare(url: string): Promise<void> {
  await run('pgbench', ['--version']).catch((cause) => {
    throw new PeerMissing('it needs pgbench: apt-get install postgresql-contrib', { cause })
  })
  await run('pgbench', ['--initialize', '--quiet', '--scale', String(SCALE), url])
}

/** Runs a transaction of our own, similar to TPC-B, at a fixed rate. */
export async function drive(url: string, seconds: number): Promise<Share> {
  const folder = await mkdtemp(join(tmpdir(), 'stepcast-pgbench-'))
  try {
    const log = ['--log', '--log-prefix', join(folder, 'log')]
    const load = ['--client', CLIENTS, '--rate', RATE, '--time', seconds, '--protocol', 'prepared', '--no-vacuum'].map(
      String,
    )
    const { stdout } = await run('pgbench', [...load, ...log, url])
    return { rate: Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]), p99: percentile(await readLatencies(folder), 0.99) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * The third field of its log, in microseconds; with a fixed rate it counts from the time when the transaction should
 * have begun.
 */
async function readLatencies(folder: string): Promise<number[]> {
  const files = await readdir(folder)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'))
  return lines.map((line) => Number(line.split(' ')[2]) / 1_000).sort((a, b) => a - b)
}
