import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes every push to the repository fail, with words, until the returned function is called. */
export function protectMain(repository: string): Promise<() => Promise<void>> {
  return hook(repository, 'echo "branch “main” is protected" >&2; exit 1')
}

/** Makes every push to the repository wait, for half a minute, until the returned function is called. */
export function holdPushes(repository: string): Promise<() => Promise<void>> {
  return hook(repository, 'exec sleep 30')
}

async function hook(repository: string, command: string): Promise<() => Promise<void>> {
  const file = join(repository, 'hooks/pre-receive')
  await mkdir(join(repository, 'hooks'), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${command}\n`, { mode: 0o755 })
  return () => rm(file)
}
