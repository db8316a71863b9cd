import pino, { type LoggerOptions } from 'pino'
import type { Logger } from '../db/logger.ts'
import type { Settings } from './settings.ts'
import { clean } from './terminal/text.ts'

/** The password of a connection string, anywhere in a line of JSON. */
const PASSWORD = /(\bpostgres(?:ql)?:\/\/[^:@/?\s"\\]*):[^\s"\\]*@|([?&]password=)[^&\s"\\]*/gi

const options = (level: string): LoggerOptions => ({
  level,
  base: null,
  hooks: { streamWrite: (line) => line.replace(PASSWORD, maskPassword) },
})

function maskPassword(_: string, before?: string, parameter?: string): string {
  return before === undefined ? `${parameter}***` : `${before}:***@`
}

/** Lines of JSON on standard error. */
export function jsonLogger({ LOG_LEVEL = 'info' }: Settings): Logger {
  return detachable(pino(options(LOG_LEVEL), pino.destination({ dest: 2, sync: true })))
}

/** Readable lines, passed to `print`; warnings and errors only, unless LOG_LEVEL says otherwise. */
export function plainLogger({ LOG_LEVEL = 'warn' }: Settings, print: (line: string) => void): Logger {
  return detachable(pino(options(LOG_LEVEL), { write: (line) => print(readable(line)) }))
}

// pino's methods need their object; those of our Logger do not.
function detachable(logger: pino.Logger): Logger {
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
  }
}

/** One readable line of a log. A line that is not JSON of our own stays unchanged. */
export function readable(line: string): string {
  try {
    const { level, msg, err, error, time: _, ...rest } = JSON.parse(line)
    const problem = (err ?? error)?.message
    const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    return clean([pino.levels.labels[level], msg, ...(problem ? [problem] : []), ...details].join('  '))
  } catch {
    return line.trimEnd()
  }
}
