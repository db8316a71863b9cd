import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { NOTHING_KNOWN } from '../reducer.ts'
import { type GetToken, type ListFilter, type ListView, type RunStream, type RunView, sharedStream } from '../stream.ts'
import { nameOf, type Target } from '../target.ts'

export interface WatchOptions {
  /** Address of the Stepcast server's mount point, such as `/stepcast`. Default: the origin's root. */
  src?: string
  /** Sent as a bearer token. Default: none; the page's cookies identify the user. */
  token?: string | null
  /**
   * Called for a token if there is none, and for a new one when that is no longer accepted. Read only when something
   * else changes, so it may be a new function with every rendering; components that pass the same function share a
   * connection.
   */
  getToken?: GetToken | null
  /**
   * Identifies the user: tabs of this browser with the same value share one connection. Empty: the token identifies the
   * user. Default: null, each tab has its own connection.
   */
  share?: string | null
}

/** Also the state on a server, where nothing ever arrives. */
const CONNECTING = { state: 'connecting', since: 0, error: null } as const
const NO_RUN: RunView = { ...NOTHING_KNOWN, connection: CONNECTING, heard: false }
const NO_LIST: ListView = { runs: [], connection: CONNECTING, heard: false, deleted: [] }

/**
 * One run, live: `{ run: id }`, or `{ workflow, key }` for the newest run under an application's key. null: no run, and
 * no request. `logs`: whether its log lines are wanted; default false. All components of a page share one connection.
 */
export function useRun(target: Target | null, options: WatchOptions & { logs?: boolean } = {}): RunView {
  const { logs = false } = options
  return useWatched(target && nameOf(target), NO_RUN, options, String(logs), (stream, listener) =>
    target === null ? () => {} : stream.subscribe(target, listener, { logs }),
  )
}

/**
 * A live list: the newest visible runs that match the filter, without their steps.
 */
export function useRuns(filter: ListFilter = {}, options: WatchOptions = {}): ListView {
  const name = JSON.stringify([filter.workflow, filter.status, filter.key, filter.q, filter.limit])
  return useWatched(name, NO_LIST, options, '', (stream, listener) => stream.subscribeList(filter, listener))
}

function useWatched<View extends RunView | ListView>(
  name: string | null,
  initial: View,
  { src = '', token = null, getToken = null, share = null }: WatchOptions,
  variant: string,
  subscribe: (stream: RunStream, listener: (view: View) => void) => () => void,
): View {
  const held = useMemo(() => ({ name, src, view: initial }), [name, src, initial])
  // The other arguments may be new with every rendering; the name stands for all of them.
  const listen = useCallback(
    (changed: () => void) => {
      if (held.name === null) return () => {}
      return subscribe(sharedStream(held.src, token, getToken, share), (view) => {
        const { connection } = view
        held.view = isAnswered(view) || !held.view.heard ? view : { ...held.view, connection }
        changed()
      })
    },
    [held, token, share, variant],
  )
  return useSyncExternalStore(
    listen,
    () => held.view,
    () => initial,
  )
}

/** Until then the last view stays, as after a new token, or in an <Activity> that is shown again. */
function isAnswered(view: RunView | ListView): boolean {
  return view.heard || view.connection.state === 'closed' || ('run' in view && view.run !== null)
}
