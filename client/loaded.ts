import type { Lists } from './lists.ts'

/** What has been loaded beside the stream, so that it is at hand without waiting; null: nobody has needed it yet. */
export const loaded: { Lists: typeof Lists | null } = { Lists: null }
