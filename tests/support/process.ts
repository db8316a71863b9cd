import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const SECOND = 1_000

export interface Started {
  child: ChildProcess
  /** Everything it has written so far, standard error included. */
  output(): string
  /** Resolves with the match as soon as its output has one. Throws if it ends before that, or after 30 s. */
  says(pattern: RegExp): Promise<RegExpMatchArray>
  /** Resolves when it has ended and its output is complete: an exit code, or the signal that ended it. */
  ended: Promise<number | string | null>
  [Symbol.asyncDispose](): Promise<void>
}

export interface StartOptions {
  env?: object
  cwd?: string
  /** As the leader of its own process group, so that `process.kill(-pid)` reaches whatever it has started. */
  detached?: boolean
}

/** Runs a TypeScript file as a process of its own; killed if it is still alive when its owner is done. */
export function startProcess(file: string, args: string[] = [], options: StartOptions = {}): Started {
  return startProgram(process.execPath, [file, ...args], options)
}

/** The same for any program. */
export function startProgram(program: string, args: string[], options: StartOptions = {}): Started {
  const env = { ...process.env, ...options.env }
  const child = spawn(program, args, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const news = new EventEmitter().setMaxListeners(0)
  let text = ''
  const add = (part: string) => {
    text += part
    news.emit('news')
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', add)
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  ended.then(() => news.emit('news', 'it ended'))
  const dispose = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const says = (pattern: RegExp) => waitFor(pattern, () => text, news)
  return { child, output: () => text, says, ended, [Symbol.asyncDispose]: dispose }
}

async function waitFor(pattern: RegExp, output: () => string, news: EventEmitter): Promise<RegExpMatchArray> {
  const timer = setTimeout(() => news.emit('news', 'not said within 30 s'), 30 * SECOND)
  try {
    for (let problem: string | undefined; ; [problem] = await once(news, 'news')) {
      const match = output().match(pattern)
      if (match) return match
      if (problem) throw new Error(`${pattern}: ${problem}. Output:\n${output()}`)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves once a process is gone. Throws after 10 s. */
export async function untilGone(pid: number): Promise<void> {
  const giveUp = AbortSignal.timeout(10 * SECOND)
  while (lives(pid)) {
    if (giveUp.aborted) throw new Error(`Process ${pid} still lives after 10 s.`)
    await sleep(10)
  }
}

/** Whether a process is running; one that has ended but has not been reaped yet is not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self') || readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    // Also if it ended between the two calls.
    return false
  }
}
