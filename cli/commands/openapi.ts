import { makeDocument } from '../../server/openapi/document.ts'

/** Needs no database: it says what there is to ask for, not what would be answered. */
export default async function openapi({ prefix = '' }: { prefix?: string }): Promise<number> {
  process.stdout.write(`${JSON.stringify(makeDocument(prefix), null, 2)}\n`)
  return 0
}
