import { z } from 'zod'
import { parseAddress } from '../db/connect.ts'
import { isAge } from '../db/purge.ts'
import { isTamperProof } from '../server/host.ts'
import { isOrigin } from '../server/origins.ts'
import { misuse } from './failure.ts'

const database = z
  .string()
  .regex(/^(postgres|postgresql|socket):/, 'must begin with postgres://')
  .refine(
    (address) => parseAddress(address) !== null,
    'is no URL: a port is at most 65535, and what is special in a password must be percent-encoded, as %2F for / and %23 for #',
  )

const interval = z.string().refine(isAge, "must be an interval such as '30 days'")

const shape = z.object({
  DATABASE_URL: database.optional(),
  STEPCAST_LISTEN_URL: database.optional(),
  STEPCAST_READ_URL: database.optional(),
  STEPCAST_RETENTION: interval.optional(),
  STEPCAST_JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32, 'must have 32 bytes at least')
    .optional(),
  STEPCAST_JWKS_URL: z
    .string()
    .refine((address) => isTamperProof(URL.parse(address)), 'must be an address with https://, or of this machine')
    .optional(),
  STEPCAST_JWT_AUDIENCE: z.string().optional(),
  STEPCAST_JWT_ISSUER: z.string().optional(),
  STEPCAST_CORS_ORIGINS: z
    .string()
    .transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== ''))
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins such as https://app.example, each in full, with commas between',
    )
    .optional(),
  PORT: z.string().regex(/^\d+$/, 'must be a number').transform(Number).pipe(z.number().max(65_535)).optional(),
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).optional(),
  NO_COLOR: z.string().optional(),
})

/**
 * The settings from the environment. `DATABASE_URL` undefined: an embedded Postgres; `PORT` undefined: 8080 or the next
 * free port; `STEPCAST_RETENTION` undefined: finished runs are kept.
 */
export type Settings = z.infer<typeof shape>

/**
 * Throws one error that names every invalid variable. An empty variable counts as not set; values are not shown, since
 * they may be secret.
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const { data, error } = shape.safeParse(given)
  if (data) return data
  const lines = error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`)
  throw misuse(`These settings from the environment are not valid:\n${lines.join('\n')}`)
}

/** The variables that name a database here; at least `DATABASE_URL`. */
export function databasesNamed(environment: NodeJS.ProcessEnv = process.env): string[] {
  const names = ['DATABASE_URL', 'STEPCAST_LISTEN_URL', 'STEPCAST_READ_URL'].filter((name) => environment[name])
  return names.length > 0 ? names : ['DATABASE_URL']
}

/** Whether the server works without authentication. */
export function isOpen({ STEPCAST_JWT_SECRET, STEPCAST_JWKS_URL }: Settings): boolean {
  return STEPCAST_JWT_SECRET === undefined && STEPCAST_JWKS_URL === undefined
}

/** The environment for a process of our own that uses this database. */
export function environmentFor(databaseUrl: string): NodeJS.ProcessEnv {
  return { ...process.env, DATABASE_URL: databaseUrl }
}
