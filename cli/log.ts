import pino from 'pino'
import type { Logger } from '../db/logger.ts'
import type { Settings } from './settings.ts'

/** Lines of JSON on standard error. */
export function jsonLogger({ LOG_LEVEL = 'info' }: Settings): Logger {
  return detachable(pino({ level: LOG_LEVEL, base: null }, pino.destination({ dest: 2, sync: true })))
}

/** Lines for a person, given to `print`; warnings and worse unless LOG_LEVEL says otherwise. */
export function plainLogger({ LOG_LEVEL = 'warn' }: Settings, print: (line: string) => void): Logger {
  return detachable(pino({ level: LOG_LEVEL, base: null }, { write: (line) => print(readable(line)) }))
}

// pino's methods need their object, our Logger's do not.
function detachable(logger: pino.Logger): Logger {
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
  }
}

/** One line of a log for a person. What is no JSON of ours stays as it is. */
export function readable(line: string): string {
  try {
    const { level, msg, err, error, time: _, ...rest } = JSON.parse(line)
    const problem = (err ?? error)?.message
    const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    return [pino.levels.labels[level], msg, ...(problem ? [problem] : []), ...details].join('  ')
  } catch {
    return line.trimEnd()
  }
}
