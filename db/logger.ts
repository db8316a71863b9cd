type Log = (context: object, message: string) => void

/**
 * The part of pino's shape that Stepcast calls; pass pino, or anything like it. An error is in `err`, which pino
 * serialises.
 */
export interface Logger {
  debug: Log
  info: Log
  warn: Log
  error: Log
}

const nothing: Log = () => {}

/** The default of every option `logger`. */
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** The same logger, with some fields in every line. */
export function withFields(logger: Logger, fields: object): Logger {
  return {
    debug: (context, message) => logger.debug({ ...fields, ...context }, message),
    info: (context, message) => logger.info({ ...fields, ...context }, message),
    warn: (context, message) => logger.warn({ ...fields, ...context }, message),
    error: (context, message) => logger.error({ ...fields, ...context }, message),
  }
}
