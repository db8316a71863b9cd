type Log = (context: object, message: string) => void

/** The part of pino's shape that Stepcast calls; pass pino, or anything like it. */
export interface Logger {
  debug: Log
  info: Log
  warn: Log
  error: Log
}

const nothing: Log = () => {}

/** The default of every option `logger`. */
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
