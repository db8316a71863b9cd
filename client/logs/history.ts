import type { LogLine } from '../../db/contract.ts'
import type { Endpoint } from '../events-request.ts'
import { readLines } from '../log-lines.ts'
import { ANSWER_MS, readProblem } from '../refusal.ts'
import type { Gap } from './lines.ts'

/**
 * Loads all lines in a gap at once: the response is read as it arrives, and cancelled where the gap ends. Rejects if
 * nothing arrives for a while.
 */
export async function loadLines(
  endpoint: Endpoint,
  run: string,
  { after, before }: Gap,
  over: AbortSignal,
): Promise<LogLine[]> {
  const address = `${endpoint.src}/runs/${encodeURIComponent(run)}/logs?after=${after}`
  const stalled = new AbortController()
  const signal = AbortSignal.any([over, stalled.signal])
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(() => stalled.abort(`nothing for ${ANSWER_MS} ms`), ANSWER_MS)
  }
  wait()
  try {
    const response = await endpoint.fetch(address, { headers: { accept: 'application/x-ndjson' }, signal })
    if (!response.ok || response.body === null) throw await readProblem(response)
    const found: LogLine[] = []
    await readLines(response.body, (lines) => {
      wait()
      const wanted = lines.filter(({ line }) => line < before)
      found.push(...wanted)
      return wanted.length < lines.length
    })
    return found
  } finally {
    clearTimeout(timer)
  }
}

/** Saves the whole log as a text file. */
export async function download(endpoint: Endpoint, run: string): Promise<void> {
  const address = `${endpoint.src}/runs/${encodeURIComponent(run)}/logs`
  const response = await endpoint.fetch(address, { headers: { accept: 'text/plain' } })
  // The page to sign in, which may come in its place once a session has ended, is no log.
  const isLog = response.ok && response.headers.get('content-type')?.startsWith('text/plain')
  if (!isLog) throw await readProblem(response)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = `${run}.log`
  link.click()
  URL.revokeObjectURL(link.href)
}
