import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environmentFor } from './settings.ts'
import { Supervisor } from './supervisor.ts'

/** Keeps one `stepcast worker` running. */
export function superviseWorker(
  workflows: string,
  databaseUrl: string,
  print: (line: string) => void,
  options: string[] = [],
): Supervisor {
  return new Supervisor({
    script: fileURLToPath(import.meta.resolve('./main.ts')),
    args: ['worker', '--workflows', resolve(workflows), ...options],
    env: environmentFor(databaseUrl),
    print,
  })
}
