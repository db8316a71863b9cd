import { readFile, rename, writeFile } from 'node:fs/promises'
import { type Bundle, bundleClient } from '../../cli/bundle.ts'

/**
 * Where the first test file that needs it leaves what browsers load for the others; `npm test` names it anew each time.
 */
const kept = process.env.STEPCAST_TEST_BUNDLE

/** What browsers load. */
export const bundle: Promise<Bundle> = kept ? readOrMake(kept) : bundleClient()

async function readOrMake(path: string): Promise<Bundle> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return make(path)
  const { files, ...others } = JSON.parse(text)
  return { ...others, files: new Map(files) }
}

async function make(path: string): Promise<Bundle> {
  const made = await bundleClient()
  // Whoever does the same at the same time makes the same.
  await writeFile(`${path}.${process.pid}`, JSON.stringify({ ...made, files: [...made.files] }))
  await rename(`${path}.${process.pid}`, path)
  return made
}
