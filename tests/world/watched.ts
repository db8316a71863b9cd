import { RunStream, type RunView } from '../../client/stream.ts'
import type { Timings } from '../../client/timings.ts'

const QUICK: Partial<Timings> = { backoffMs: 5, backoffMaxMs: 20, pollMs: 50, pollRetryMs: 500 }

export interface Watched extends Disposable {
  view(): RunView
  /** Every state that its connection was in, in order. */
  states: string[]
  until(is: (view: RunView) => boolean): Promise<RunView>
}

/** The real client, without a browser, watching one run with its log. It waits less long than in a page. */
export function watch(src: string, run: string, timings: Partial<Timings> = {}): Watched {
  const stream = new RunStream({ src, timings: { ...QUICK, ...timings } })
  const waiting = new Set<() => void>()
  const states: string[] = []
  let last: RunView | undefined
  const listener = (view: RunView) => {
    last = view
    if (states.at(-1) !== view.connection.state) states.push(view.connection.state)
    for (const check of waiting) check()
  }
  stream.subscribe({ run }, listener, { logs: true })
  return {
    states,
    view: () => last as RunView,
    until: (is) =>
      new Promise((resolve) => {
        const check = () => {
          if (!last || !is(last)) return
          waiting.delete(check)
          resolve(last)
        }
        waiting.add(check)
        check()
      }),
    [Symbol.dispose]: () => stream.close(),
  }
}
