import { makeDocument } from '../../server/openapi/document.ts'

/** Needs no database: it describes the requests that are possible, not their results. */
export default async function openapi({ prefix = '' }: { prefix?: string }): Promise<number> {
  process.stdout.write(`${JSON.stringify(makeDocument(prefix), null, 2)}\n`)
  return 0
}
