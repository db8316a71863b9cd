/** Run by `npm run elements`: writes docs/elements.md again. */
import { writeFile } from 'node:fs/promises'
import { makeManifest } from './manifest.ts'
import { writeReference } from './reference.ts'

await writeFile(new URL('../../docs/elements.md', import.meta.url), writeReference(makeManifest()))
