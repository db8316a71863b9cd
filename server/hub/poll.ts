import { readRevisions } from '../../db/changes.ts'
import type { Db } from '../../db/client.ts'
import type { Meter } from '../meter.ts'
import type { Epoch } from './epoch.ts'
import { createLane } from './lane.ts'
import type { Patches } from './patches.ts'
import type { Topic } from './topic.ts'
import type { Topics } from './topics.ts'

interface PollOptions {
  db: Db
  epoch: Epoch
  topics: Topics
  patches: Patches
  meter: Meter
  pollMs: number
  onFailure: (error: unknown) => void
  onGone: (topic: Topic) => void
  /** Called with each round: other things may have changed without a notification too. */
  onRound: () => void
}

/**
 * Queries the revisions of all watched runs every `pollMs`: whatever happens to NOTIFY, no watcher is behind for longer
 * than that.
 */
export function createPoll(options: PollOptions): { stop(): Promise<void> } {
  const lane = createLane(() => poll(options), options.onFailure)
  const timer = setInterval(() => {
    lane.wake()
    options.onRound()
  }, options.pollMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      await lane.stop()
    },
  }
}

async function poll({ db, epoch, topics, patches, meter, onGone }: PollOptions): Promise<void> {
  const asked = topics.all().filter((topic) => topic.revision !== null)
  if (asked.length === 0) return
  const { generation } = epoch
  const runs = asked.map((topic) => topic.run)
  const rows = await readRevisions(db, runs)
  if (epoch.hasChanged(rows, generation)) return
  const revisions = new Map(rows.map(({ run, revision }) => [run, revision]))
  meter.foundStale(asked.filter((topic) => !topic.isBehind && isNewer(topic, revisions.get(topic.run))).length)
  for (const topic of asked) {
    const revision = revisions.get(topic.run)
    if (revision === undefined) onGone(topic)
    else patches.announce(topic, revision)
  }
}

function isNewer({ revision }: Topic, read = 0): boolean {
  return revision !== null && read > revision
}
