import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const SECOND = 1_000
const FIRST_WAIT = 0.25 * SECOND
const LONGEST_WAIT = 10 * SECOND
/** After a process lived this long, the next wait is a short one again. */
const HEALTHY = 30 * SECOND
/** How long a clean stop may take before the process is killed. */
const PATIENCE = 15 * SECOND
/** This many short lives in a row count as hopeless. */
const MANY = 5

export interface SupervisorOptions {
  script: string
  args: string[]
  env: NodeJS.ProcessEnv
  /** Called with every line that the process writes, and with what happens to it. */
  print: (line: string) => void
}

/** Keeps one process of our own running: whenever it ends, it is restarted after an increasing wait. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #hopeless = new AbortController()
  #child: ChildProcess
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  #shortLives = 0

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#child = this.#start()
  }

  /** Fires once the process has ended five times in a row soon after its start. It is restarted nevertheless. */
  get hopeless(): AbortSignal {
    return this.#hopeless.signal
  }

  /** Stops the process cleanly and does not restart it. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    await end(this.#child)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  // In a process group of its own, so that Ctrl-C reaches only this process; it ends when its channel to this process
  // closes.
  #start(): ChildProcess {
    const { script, args, env, print } = this.#options
    const child = fork(script, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', print)
    const began = Date.now()
    child.on('error', ({ message }) => print(message))
    child.once('exit', (code, signal) => this.#onEnd(signal ?? `exit code ${code}`, Date.now() - began))
    return child
  }

  #onEnd(how: string, lived: number): void {
    if (this.#stopping) return
    this.#shortLives = lived > HEALTHY ? 0 : this.#shortLives + 1
    const wait = Math.min(FIRST_WAIT * 2 ** this.#shortLives, LONGEST_WAIT)
    this.#options.print(`The worker ended (${how}); the next one starts in ${wait / SECOND} s.`)
    this.#timer = setTimeout(() => {
      this.#child = this.#start()
    }, wait)
    if (this.#shortLives >= MANY) this.#hopeless.abort()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(timer)
}
