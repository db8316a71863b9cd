import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a process has open besides its watchers, with room to spare. */
const OTHERS = 200

/** Throws if a process may not open this many sockets. */
export async function demandFiles(sockets: number): Promise<void> {
  // Node raises its own limit to the hard one.
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -Hn'])
  const limit = stdout.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : Number(stdout)
  if (limit >= sockets + OTHERS) return
  throw new Error(
    `A process may open ${limit} files here, and ${sockets} watchers need ${sockets + OTHERS}: ` +
      'raise the limit (ulimit -Hn), or take fewer with --watchers.',
  )
}
