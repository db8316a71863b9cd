/** One stream for each run; the time at which a report's bytes have come is taken before they are parsed. */
import { createParser } from 'eventsource-parser'
import type { Patch } from '../../db/contract.ts'

const [url = '', list = '[]'] = process.argv.slice(2)
const runs = JSON.parse(list) as string[]
let latencies: number[] = []

async function watch(run: string): Promise<void> {
  const response = await fetch(`${url}/runs/${run}/events`)
  const decoder = new TextDecoder()
  let now = 0n
  const parser = createParser({ onEvent: ({ event, data }) => event === 'patch' && measure(JSON.parse(data), now) })
  for await (const bytes of response.body ?? []) {
    now = process.hrtime.bigint()
    parser.feed(decoder.decode(bytes, { stream: true }))
  }
}

function measure({ steps }: Patch, now: bigint): void {
  for (const { message } of steps) if (message) latencies.push(Number(now - BigInt(message)) / 1e6)
}

process.on('disconnect', () => process.exit())
process.on('message', () => {
  process.send?.(latencies)
  latencies = []
})
for (const run of runs) watch(run).catch((error) => process.stderr.write(`${error}\n`))
process.send?.('ready')
