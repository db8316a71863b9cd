import type { LogLine } from '../db/contract.ts'

/**
 * Reads a response with log lines as it arrives, whole lines at a time, until its end or until `onLines` returns true.
 */
export async function readLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLines: (lines: LogLine[]) => boolean,
): Promise<void> {
  let rest = ''
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const texts = (rest + next.value).split('\n')
    rest = texts.pop() ?? ''
    if (onLines(texts.map((text) => JSON.parse(text)))) return await reader.cancel()
  }
}
